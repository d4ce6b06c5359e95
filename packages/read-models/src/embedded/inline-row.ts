import { describeFailure } from '../failure.ts';
import type { InlineChanges } from '../inline-changes.ts';
import type { Change } from '../port.ts';

/** Operation, collection, id, and the JSON of the document or fields (empty for `drop`). */
export type ChangeRow = readonly [op: Change['op'], collection: string, id: string, json: string];

/** InlineChanges as they cross to the writer. */
export interface InlineRow {
  readonly name: string;
  readonly version: number;
  readonly changes: readonly (readonly ChangeRow[])[];
  readonly parked?: string;
}

/** Documents become JSON here: one that cannot parks its event and does not fail the append. */
export const asInlineRow = ({ projection: { name, version }, changes, parked }: InlineChanges): InlineRow => {
  if (parked !== undefined) return { name, version, changes: [], parked };
  try {
    return { name, version, changes: changes.map((ofEvent) => ofEvent.map(asChangeRow)) };
  } catch (error) {
    return { name, version, changes: [], parked: describeFailure(error) };
  }
};

const asChangeRow = (change: Change): ChangeRow => [change.op, change.collection, change.id, jsonOf(change)];

const jsonOf = (change: Change): string => {
  switch (change.op) {
    case 'put':
      return JSON.stringify(change.document);
    case 'patch':
    case 'add':
      return JSON.stringify(change.fields);
    case 'drop':
      return '';
  }
};
