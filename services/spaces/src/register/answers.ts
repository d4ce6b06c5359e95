import type { InputOf, SpaceIdentity } from '@flexistream/contracts';
import { isDomainName } from '@flexistream/http';
import type { CommandContext } from '@flexistream/kernel';
import type { AnswersOf } from '@flexistream/service-host';
import type { Parts } from '../parts.ts';
import type { LiveSpace } from '../space/space.ts';
import { defaultSettings } from '../space/space-settings.ts';
import { idFor } from './create.ts';
import { isWithin } from './problems.ts';
import { liveSpace, liveSpaces, type Register, spaceWith, superSpaces } from './unique.ts';

const identityOf = ({ id, domain, settings }: LiveSpace): SpaceIdentity => ({
  id,
  domain,
  host: settings.host,
  name: settings.name,
  realm: settings.account_realm,
  super: settings.super,
  expireAt: settings.expire_at === null ? null : Date.parse(settings.expire_at),
});

/** A DEFAULT_SPACE that names no space is nobody's: another one must not stand in for it unasked. */
const standIn = (register: Register, domain: string): LiveSpace | undefined =>
  domain === '' ? liveSpaces(register)[0] : spaceWith(register, 'domain', domain.toLowerCase());

const find = (register: Register, wanted: InputOf<'spaces.resolve'>, defaultSpace: string): LiveSpace | undefined => {
  if ('host' in wanted) return spaceWith(register, 'host', wanted.host.toLowerCase());
  if ('domain' in wanted) return spaceWith(register, 'domain', wanted.domain.toLowerCase());
  return 'id' in wanted ? liveSpace(register, wanted.id) : standIn(register, defaultSpace);
};

/** From the register as it is now, never from a view: rights depend on it (design §7). */
export const spaceAnswers = (parts: Parts): AnswersOf<'spaces'> => ({
  'spaces.resolve': async (wanted) => {
    const { register } = await parts.book.current();
    const space = find(register, wanted, parts.settings.DEFAULT_SPACE);
    return space === undefined ? null : identityOf(space);
  },
  'spaces.count': async () => {
    const { register } = await parts.book.current();
    return { spaces: liveSpaces(register).length, superSpaces: superSpaces(register).length };
  },
  'spaces.createFirst': (wanted, context) => createFirst(parts, wanted, context),
});

const createFirst = async (parts: Parts, wanted: InputOf<'spaces.createFirst'>, context: CommandContext): Promise<SpaceIdentity> => {
  const domain = wanted.domain.toLowerCase();
  const host = wanted.host.toLowerCase();
  const present = await parts.book.current();
  if (spaceWith(present.register, 'domain', domain) === undefined) await make(parts, { domain, host, name: wanted.name }, context);
  const { register } = await parts.book.current();
  const space = spaceWith(register, 'domain', domain);
  if (space === undefined) throw new FirstSpaceRefused('its name or host belongs to another space');
  await parts.streams.follow(space.id);
  return identityOf(space);
};

const make = async (parts: Parts, { domain, host, name }: InputOf<'spaces.createFirst'>, context: CommandContext): Promise<void> => {
  if (!isDomainName(domain) || domain.length > 64) throw new FirstSpaceRefused('FIRST_SPACE_DOMAIN is not a domain name');
  if (!isDomainName(host)) throw new FirstSpaceRefused('FIRST_SPACE_HOST is not a domain name');
  if (host !== domain && !isWithin(parts.settings.APP_ROOT_HOST, host)) {
    throw new FirstSpaceRefused('FIRST_SPACE_HOST is not under APP_ROOT_HOST');
  }
  const settings = { ...defaultSettings, super: true, name, host };
  // A refusal shows in the register: who asked looks there.
  await parts.book.handle({ type: 'CreateSpace', data: { id: idFor(context), domain, settings }, now: context.at }, context);
};

/** The configuration names a first space that cannot be. */
export class FirstSpaceRefused extends Error {
  readonly code = 'spaces/first-space-refused';
  constructor(reason: string) {
    super(`the first space cannot be made: ${reason}`);
  }
}
