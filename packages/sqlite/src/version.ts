const OLDEST = '3.51.3';

/** Older releases may corrupt a database when the WAL is reset (design §9). @throws Error that names both versions. */
export const refuseOldSqlite = (version: string | undefined = process.versions.sqlite): void => {
  if (version === undefined || isOlder(version, OLDEST)) {
    throw new Error(`SQLite ${version ?? '(none)'} in this Node.js is too old: ${OLDEST} or newer is needed, as in Node.js 24.20.0`);
  }
};

const isOlder = (version: string, than: string): boolean => {
  const wanted = than.split('.').map(Number);
  const parts = version.split('.').map(Number);
  const differs = wanted.findIndex((part, index) => part !== (parts[index] ?? 0));
  return differs >= 0 && (parts[differs] ?? 0) < (wanted[differs] ?? 0);
};
