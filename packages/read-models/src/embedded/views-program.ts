import type { DatabaseSync } from 'node:sqlite';
import type { Position } from '@flexistream/kernel';
import type { Program } from '@flexistream/sqlite/program';
import type { Collection } from '../port.ts';
import { DocumentTables } from './document-tables.ts';
import { ProjectionStates } from './projection-states.ts';
import { documentsSchema, indexName, indexSchema, type Named, tableOf, viewsSchema } from './tables.ts';
import type { WriteColumns } from './write-columns.ts';

export interface DeclareInput extends Named {
  readonly collections: readonly Collection[];
  readonly inline: boolean;
}

export type ParkedRow = readonly [position: Position, key: string, error: string];

/** The state of the projection that the caller folded on. */
interface Expected {
  readonly checkpoint: Position;
  readonly writes: number;
}

export interface ApplyInput extends Named {
  readonly expected: Expected;
  readonly checkpoint: Position;
  readonly columns: readonly WriteColumns[];
  readonly parked: readonly ParkedRow[];
}

export interface UnparkInput extends Named {
  readonly writes: number;
  readonly positions: readonly Position[];
  readonly columns: readonly WriteColumns[];
}

/** A type, not an interface: only so is it a table of operations to the compiler. */
export type ViewsOperations = {
  readonly declare: (projections: readonly DeclareInput[]) => void;
  readonly apply: (input: ApplyInput) => void;
  readonly unpark: (input: UnparkInput) => void;
  readonly beginRebuild: (projection: DeclareInput) => void;
  readonly finishRebuild: (projection: DeclareInput) => void;
  readonly keepOnly: (projections: readonly Named[]) => void;
};

export interface ViewsParts {
  readonly documents: DocumentTables;
  readonly states: ProjectionStates;
}

/** The writer's side of the documents. */
export const viewsProgram = (database: DatabaseSync): Program<ViewsOperations> & ViewsParts => {
  database.exec(viewsSchema);
  const documents = new DocumentTables(database);
  const states = new ProjectionStates(database);

  const makeIndexes = (projection: DeclareInput): void => {
    for (const collection of projection.collections) {
      const wanted = collection.indexes.map((fields) => indexName(projection, collection.name, fields));
      for (const name of documents.indexesOf(projection, collection.name))
        if (!wanted.includes(name)) database.exec(`DROP INDEX "${name}"`);
      for (const fields of collection.indexes) database.exec(indexSchema(projection, collection, fields));
    }
  };
  const makeTables = (projection: DeclareInput): void => {
    for (const { name } of projection.collections) database.exec(documentsSchema(projection, name));
  };
  const forget = (projection: Named): void => {
    for (const collection of documents.collectionsOf(projection)) database.exec(`DROP TABLE IF EXISTS ${tableOf(projection, collection)}`);
    documents.forgetStatements(projection);
  };

  const operations: ViewsOperations = {
    declare: (projections) => {
      for (const projection of projections) {
        for (const { name } of projection.collections) documents.register(projection, name);
        makeTables(projection);
        makeIndexes(projection);
        states.declare(projection, projection.inline);
      }
    },
    apply: (input) => {
      states.expect(input, input.expected);
      for (const columns of input.columns) documents.write(input, columns);
      for (const [position, key, error] of input.parked) states.park(input, position, key, error);
      states.folded(input, input.checkpoint);
    },
    unpark: (input) => {
      states.expect(input, { writes: input.writes });
      for (const columns of input.columns) {
        documents.expect(input, columns);
        documents.write(input, columns);
      }
      states.unpark(input, input.positions);
      states.folded(input);
    },
    beginRebuild: (projection) => {
      forget(projection);
      makeTables(projection);
      states.reset(projection);
    },
    finishRebuild: makeIndexes,
    keepOnly: (projections) => {
      const kept = new Set(projections.map(({ name, version }) => `${name}@${version}`));
      for (const projection of states.all()) {
        if (kept.has(`${projection.name}@${projection.version}`)) continue;
        forget(projection);
        documents.unregister(projection);
        states.forget(projection);
      }
    },
  };
  return { operations, beforeCommit: () => states.save(), documents, states };
};
