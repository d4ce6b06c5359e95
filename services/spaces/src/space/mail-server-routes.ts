import { created, domainName, email, type Handler, integer, notFound, ok, one, parse, text, type ValueOf } from '@flexistream/http';
import { type CommandContext, type Handled, handle, isRefusal } from '@flexistream/kernel';
import { isDestroyed } from '@flexistream/key-store';
import type { HandlersOf } from '@flexistream/service-host';
import type { Parts } from '../parts.ts';
import { spaceShown } from '../register/read.ts';
import { spaceWith } from '../register/unique.ts';
import { type SpaceEvent, spaceStream } from './events.ts';
import { mailServerJson } from './json.ts';
import { type MailServerCommand, type Space, spaceDecider, type WantedMailServer } from './space.ts';
import { spaceView } from './view.ts';

/** In the order of spec spaces.md §8. */
const fields = {
  host: domainName({ required: true, max: 64 }),
  port: integer({ required: true, min: 1, max: 65_535 }),
  username: text({ max: 128 }),
  password: text({ max: 128 }),
  from_address: email({ max: 128 }),
  from_name: text({ max: 128 }),
  signature: text({ max: 256 }),
};

/** What is absent becomes null, but an absent password may stay as it is. */
const wanted = ({ password, ...given }: ValueOf<typeof fields>): WantedMailServer => ({
  host: given.host,
  port: given.port,
  username: given.username ?? null,
  ...(password === undefined ? {} : { password }),
  from_address: given.from_address ?? null,
  from_name: given.from_name ?? null,
  signature: given.signature ?? null,
});

type MailServerRoutes = Pick<HandlersOf<'spaces'>, 'readMailServer' | 'setMailServer' | 'removeMailServer'>;

export const mailServerRoutes = (parts: Parts): MailServerRoutes => {
  const read: Handler = async ({ params }) => {
    const { email_server } = await spaceShown(parts, params.domain);
    if (email_server === null) throw notFound();
    return ok(email_server);
  };

  const set: Handler = async ({ params, body, context }) => {
    const server = wanted(parse(fields, body));
    const id = await spaceIdAt(parts, params.domain);
    const command: MailServerCommand = {
      type: 'SetMailServer',
      data: { id: await parts.mailServerIds.next(context), server },
      now: context.at,
    };
    const { state, events } = await decide(parts, id, command, context);
    if (state.status !== 'live') throw notFound();
    const first = events.some(({ type, data }) => type === 'MailServerSet' && data.id === command.data.id);
    return (first ? created : ok)(mailServerJson(state.mailServer), { changed: [`space:${id}`] });
  };

  const remove: Handler = async ({ params, context }) => {
    const id = await spaceIdAt(parts, params.domain);
    await decide(parts, id, { type: 'RemoveMailServer', data: {}, now: context.at }, context);
    return one({ changed: [`space:${id}`] });
  };

  return { readMailServer: read, setMailServer: set, removeMailServer: remove };
};

const spaceIdAt = async ({ book }: Parts, domain: string | undefined): Promise<string> => {
  const { register } = await book.current();
  const space = spaceWith(register, 'domain', (domain ?? '').toLowerCase());
  if (space === undefined) throw notFound();
  return space.id;
};

/** A space may be deleted, and its key with it, at any moment: then it is unknown. */
const decide = async (
  parts: Parts,
  id: string,
  command: MailServerCommand,
  context: CommandContext,
): Promise<Handled<Space, SpaceEvent>> => {
  await parts.streams.follow(id);
  const stream = spaceStream(id);
  const handled = await handle(parts.ports.journal, spaceDecider, stream, command, { context, subject: stream }).catch((error: unknown) => {
    throw isDestroyed(error) ? notFound() : error;
  });
  if (isRefusal(handled)) throw notFound();
  if (handled.position !== undefined) await parts.ports.journal.whenProjected(spaceView, handled.position);
  return handled;
};
