import { Unavailable } from '@flexistream/kernel';
import type { ServiceJournal } from '@flexistream/service-host';

/** Stands for a kill: while `kills` says so, an append never happens. */
export class FailingJournal {
  kills: (stream: string) => boolean = () => false;

  readonly over = (journal: ServiceJournal): ServiceJournal => ({
    read: (...asked) => journal.read(...asked),
    last: (stream) => journal.last(stream),
    append: async (stream, events, options) => {
      if (this.kills(stream)) throw new Unavailable('killed');
      return journal.append(stream, events, options);
    },
    remove: (stream) => journal.remove(stream),
    expire: (stream, at) => journal.expire(stream, at),
    head: () => journal.head(),
    whenProjected: (...asked) => journal.whenProjected(...asked),
  });
}
