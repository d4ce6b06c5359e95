import { type Sequence, sequence } from '@flexistream/kernel';
import type { Ports } from '@flexistream/service-host';
import { AccountLimits } from './register/account-limits.ts';
import { RegisterBook } from './register/book.ts';
import { SpaceStreams } from './register/space-streams.ts';
import type { SpacesSettings } from './settings.ts';

/** What the handlers of this service share. */
export interface Parts {
  readonly ports: Ports;
  readonly settings: SpacesSettings;
  readonly book: RegisterBook;
  readonly streams: SpaceStreams;
  readonly limits: AccountLimits;
  readonly mailServerIds: Sequence;
}

export const makeParts = (ports: Ports, settings: SpacesSettings): Parts => {
  const book = new RegisterBook(ports.journal);
  return {
    ports,
    settings,
    book,
    streams: new SpaceStreams(ports.journal, book, ports.vault),
    limits: new AccountLimits(ports.ask, book),
    mailServerIds: sequence(ports.journal, 'spacesequence-mailservers', 20),
  };
};
