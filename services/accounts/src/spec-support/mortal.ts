import type { Caller } from '@flexistream/contracts';
import type { Call } from '@flexistream/http';
import type { CommandContext } from '@flexistream/kernel';
import type { Ports, ServiceJournal } from '@flexistream/service-host';
import { one } from './open-accounts.ts';

/** A journal that does something around each append; everything else is the real one's. */
export const around = (
  journal: ServiceJournal,
  append: (stream: string, real: () => ReturnType<ServiceJournal['append']>) => ReturnType<ServiceJournal['append']>,
): ServiceJournal => ({
  read: (stream, options) => journal.read(stream, options),
  last: (stream) => journal.last(stream),
  append: (stream, events, options) => append(stream, () => journal.append(stream, events, options)),
  remove: (stream) => journal.remove(stream),
  expire: (stream, at) => journal.expire(stream, at),
  head: () => journal.head(),
  whenProjected: (projection, position, atMostMs) => journal.whenProjected(projection, position, atMostMs),
});

export class Killed extends Error {}

/**
 * A process that is killed after so many steps. A step is the moment before or after something that lasts: an append or a call to
 * another service. Once dead it does nothing more.
 */
export const mortal = (ports: Ports, stepsToLive: number): Ports & { readonly isDead: () => boolean } => {
  let steps = 0;
  const step = (): void => {
    if (++steps > stepsToLive) throw new Killed('killed');
  };
  const survive = async <T>(work: () => Promise<T>): Promise<T> => {
    step();
    const result = await work();
    step();
    return result;
  };
  return {
    ...ports,
    journal: around(ports.journal, (_stream, real) => survive(real)),
    ask: (name, input, context) => survive(() => ports.ask(name, input, context)),
    isDead: () => steps > stepsToLive,
  };
};

/** A request of a stranger to the space `one`. */
export const publicCall = (body: Call['body'], context: CommandContext): Call<Caller | undefined> => ({
  params: {},
  query: {},
  body,
  caller: undefined,
  hostSpace: one,
  origin: 'http://one.example.org',
  path: '/api/accounts/with-account-creation-token',
  language: 'en',
  address: '203.0.113.5',
  userAgent: 'a client',
  context,
});
