import type { DatabaseSync } from 'node:sqlite';
import type { Position } from '@flexistream/kernel';
import { moved } from './moved.ts';
import type { Named } from './tables.ts';

interface State extends Named {
  checkpoint: Position;
  writes: number;
  inline: boolean;
  saved: boolean;
  /** Keys with parked events. */
  readonly parked: Set<string>;
}

/**
 * Checkpoints and parked events. Checkpoints live in memory and are written once a transaction, since every append moves those of all
 * inline projections. An operation changes memory only after everything in it that can fail.
 */
export class ProjectionStates {
  readonly #states = new Map<string, State>();
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync) {
    this.#statements = prepare(database);
    const rows = this.#statements.all.all() as { name: string; version: number; checkpoint: number; writes: number }[];
    for (const row of rows) this.#states.set(nameOf(row), { ...row, inline: false, saved: true, parked: this.#parkedKeys(row) });
  }

  all(): readonly Named[] {
    return [...this.#states.values()];
  }

  declare(projection: Named, inline: boolean): void {
    const { name, version } = projection;
    const state = this.#states.get(nameOf(projection));
    this.#statements.save.run(name, version, state?.checkpoint ?? 0, state?.writes ?? 0);
    if (state !== undefined) state.inline = inline;
    else this.#states.set(nameOf(projection), { name, version, checkpoint: 0, writes: 0, inline, saved: true, parked: new Set() });
  }

  /** The inline projections that have taken in all events up to `before`, as `behind` tells. */
  inlineAt(before: Position, behind: (checkpoint: Position) => boolean): readonly State[] {
    return [...this.#states.values()].filter(({ inline, checkpoint }) => inline && (checkpoint >= before || !behind(checkpoint)));
  }

  expect(projection: Named, expected: { readonly checkpoint?: Position; readonly writes: number }): void {
    const { checkpoint, writes } = this.of(projection);
    if (writes !== expected.writes || checkpoint !== (expected.checkpoint ?? checkpoint)) throw moved();
  }

  /** Documents were written that had been folded elsewhere. */
  folded(projection: Named, checkpoint?: Position): void {
    const state = this.of(projection);
    state.writes++;
    state.checkpoint = Math.max(state.checkpoint, checkpoint ?? 0);
    state.saved = false;
  }

  reach(state: State, checkpoint: Position): void {
    state.checkpoint = checkpoint;
    state.saved = false;
  }

  park(projection: Named, position: Position, key: string, error: string): void {
    const state = this.of(projection);
    this.#statements.park.run(projection.name, projection.version, position, key, error);
    state.parked.add(key);
  }

  unpark(projection: Named, positions: readonly Position[]): void {
    const state = this.of(projection);
    for (const position of positions) this.#statements.unpark.run(projection.name, projection.version, position);
    const left = this.#parkedKeys(projection);
    for (const key of state.parked) if (!left.has(key)) state.parked.delete(key);
  }

  reset(projection: Named): void {
    const state = this.of(projection);
    this.#statements.unparkAll.run(projection.name, projection.version);
    state.parked.clear();
    state.checkpoint = 0;
    state.writes++;
    state.saved = false;
  }

  forget(projection: Named): void {
    this.#statements.unparkAll.run(projection.name, projection.version);
    this.#statements.forget.run(projection.name, projection.version);
    this.#states.delete(nameOf(projection));
  }

  save(): void {
    for (const state of this.#states.values()) {
      if (state.saved) continue;
      this.#statements.save.run(state.name, state.version, state.checkpoint, state.writes);
      state.saved = true;
    }
  }

  of(projection: Named): State {
    const state = this.#states.get(nameOf(projection));
    if (state === undefined) throw new RangeError(`${nameOf(projection)} was not declared`);
    return state;
  }

  #parkedKeys({ name, version }: Named): Set<string> {
    return new Set((this.#statements.parkedKeys.all(name, version) as { key: string }[]).map(({ key }) => key));
  }
}

const nameOf = ({ name, version }: Named): string => `${name}@${version}`;

const prepare = (database: DatabaseSync) => ({
  all: database.prepare('SELECT name, version, checkpoint, writes FROM projections'),
  save: database.prepare(
    `INSERT INTO projections (name, version, checkpoint, writes) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET checkpoint = excluded.checkpoint, writes = excluded.writes`,
  ),
  forget: database.prepare('DELETE FROM projections WHERE name = ? AND version = ?'),
  parkedKeys: database.prepare('SELECT DISTINCT key FROM parked WHERE name = ? AND version = ?'),
  park: database.prepare('INSERT INTO parked (name, version, position, key, error) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'),
  unpark: database.prepare('DELETE FROM parked WHERE name = ? AND version = ? AND position = ?'),
  unparkAll: database.prepare('DELETE FROM parked WHERE name = ? AND version = ?'),
});
