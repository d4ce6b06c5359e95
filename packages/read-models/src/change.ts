import type { Change, Document, FoldChange } from './port.ts';

/** The document after a change; undefined = there is none. @throws TypeError when `add` meets a field that is no number. */
export const changed = (document: Document | undefined, change: Change | FoldChange): Document | undefined => {
  switch (change.op) {
    case 'put':
      return change.document;
    case 'patch':
      return document && { ...document, ...change.fields };
    case 'drop':
      return undefined;
    case 'add':
      return added(document ?? {}, change.fields);
    case 'fold':
      return change.fold(document);
  }
};

const added = (document: Document, fields: Readonly<Record<string, number>>): Document => {
  const sums = Object.entries(fields).map(([field, by]) => {
    const before = document[field] ?? 0;
    if (typeof before !== 'number') throw new TypeError(`${field} is not a number`);
    return [field, before + by];
  });
  return { ...document, ...Object.fromEntries(sums) };
};
