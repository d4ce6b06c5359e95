import { type CommandContext, derived } from '@flexistream/kernel';
import type { Schedule } from '@flexistream/service-host';
import type { Parts } from '../parts.ts';
import { type SpaceDocument, spaces, spaceView } from '../space/view.ts';
import { unnotedExpiry } from './register.ts';
import { liveSpaces } from './unique.ts';

/** Goes through all; one that fails does not hold up the others, and is tried again in the next round. */
const forEach = async (parts: Parts, ids: Iterable<string>, work: (id: string) => Promise<unknown>): Promise<void> => {
  for (const id of ids) {
    try {
      await work(id);
    } catch (error) {
      parts.ports.log.error({ error, space: id }, 'the sweep of a space failed and will run again');
    }
  }
};

/** Completes what a crash cut off between the register and the spaces' own streams: changes, deletions, erasures. */
const completeSpaces = async (parts: Parts, context: CommandContext): Promise<void> => {
  const { register, spans } = await parts.book.current();
  const documents = await parts.ports.views.getMany<SpaceDocument>(spaceView, spaces, [...register.spaces.keys()]);
  await forEach(parts, register.spaces.keys(), async (id) => {
    if (register.spaces.get(id)?.status === 'deleted') await parts.streams.finishDeletion(id, context);
    else if ((documents.get(id)?.register ?? -1) < (spans.get(id)?.last ?? -1)) await parts.streams.follow(id);
  });
};

const noteExpiries = async (parts: Parts, context: CommandContext): Promise<void> => {
  const { register } = await parts.book.current();
  const expired = liveSpaces(register).filter((space) => unnotedExpiry(space, context.at) !== undefined);
  await forEach(
    parts,
    expired.map(({ id }) => id),
    async (id) => {
      await parts.book.handle({ type: 'NoteExpiry', data: { id }, now: context.at }, derived(context, `expiry of ${id}`));
      await parts.streams.follow(id);
    },
  );
};

/** A crash between accounts' limit and the register's event leaves them apart: the register is what a client was told. */
const settleLimits = async (parts: Parts, context: CommandContext): Promise<void> => {
  const { register } = await parts.book.current();
  await forEach(
    parts,
    liveSpaces(register).map(({ id }) => id),
    (id) => parts.limits.settle(id, derived(context, `limit of ${id}`)),
  );
};

export const spaceSchedules = (parts: Parts): readonly Schedule[] => [
  { name: 'complete spaces', everySeconds: 60, run: (context) => completeSpaces(parts, context) },
  { name: 'note expired spaces', everySeconds: 60, run: (context) => noteExpiries(parts, context) },
  { name: 'settle account limits', everySeconds: 3_600, run: (context) => settleLimits(parts, context) },
];
