/** The raw value of a cookie, neither decoded nor unsigned (spec auth-and-errors.md §16, 16). Empty = absent. */
export const cookieOf = (header: string | undefined, name: string): string | undefined => {
  if (header === undefined) return undefined;
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
    return pair.slice(equals + 1).trim() || undefined;
  }
  return undefined;
};
