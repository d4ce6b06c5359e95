import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateSource {
  /** `TLS_CERT`, `TLS_KEY`: PEM files; both or none. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Where a self-signed one is kept; undefined: it lives as long as the process. */
  readonly folder: string | undefined;
  /** Names it is made for, besides localhost. */
  readonly names: readonly string[];
}

const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;

/** @throws Error when only one of the files is named or one cannot be read */
export const loadCertificate = async ({ certFile, keyFile, folder, names }: CertificateSource): Promise<Certificate> => {
  if ((certFile === '') !== (keyFile === '')) throw new Error('TLS_CERT and TLS_KEY must be set together');
  if (certFile !== '') return { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
  if (folder === undefined) return selfSigned(names);
  return (await keptIn(folder)) ?? (await keep(folder, await selfSigned(names)));
};

const filesOf = (folder: string) => ({ certFile: join(folder, 'tls', 'cert.pem'), keyFile: join(folder, 'tls', 'key.pem') });

/** An expired one is made anew. */
const keptIn = async (folder: string): Promise<Certificate | undefined> => {
  const { certFile, keyFile } = filesOf(folder);
  try {
    const kept = { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
    return new X509Certificate(kept.cert).validToDate.getTime() > Date.now() ? kept : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

const keep = async (folder: string, made: Certificate): Promise<Certificate> => {
  const { certFile, keyFile } = filesOf(folder);
  await mkdir(join(folder, 'tls'), { recursive: true, mode: 0o700 });
  await writeFile(keyFile, made.key, { mode: 0o600 });
  await writeFile(certFile, made.cert, { mode: 0o600 });
  return made;
};

/** Loaded only when one must be made. */
const selfSigned = async (names: readonly string[]): Promise<Certificate> => {
  const { generate } = await import('selfsigned');
  const now = new Date();
  const hosts = [...new Set(['localhost', ...names])];
  const made = await generate([{ name: 'commonName', value: hosts.at(-1) ?? 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: now,
    notAfterDate: new Date(now.getTime() + TEN_YEARS_MS),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          ...hosts.map((value) => ({ type: 2 as const, value })),
          { type: 7 as const, ip: '127.0.0.1' },
          { type: 7 as const, ip: '::1' },
        ],
      },
    ],
  });
  return { cert: made.cert, key: made.private };
};
