import { accept, type Call, check, created, type Handler, notFound, type ProblemList, type ValueOf } from '@flexistream/http';
import { type CommandContext, eventId, isoMoment } from '@flexistream/kernel';
import type { Parts } from '../parts.ts';
import { spaceJson } from '../space/json.ts';
import { defaultSettings, type SpaceSettings } from '../space/space-settings.ts';
import { spaceView } from '../space/view.ts';
import { creationFields } from './fields.ts';
import { answerRefusal, isWithin, problemsOf } from './problems.ts';
import { type Register, takenIn } from './unique.ts';

type Given = ValueOf<ReturnType<typeof creationFields>>;

/** The same command makes the same space: sent again, it is answered as the first time. */
export const idFor = (context: CommandContext): string => eventId(context.id, 'space', 0);

/** `POST /spaces`. All problems at once, those of the other spaces among them. */
export const createSpace =
  (parts: Parts): Handler =>
  async ({ body, context }: Pick<Call, 'body' | 'context'>) => {
    const { ports, book, streams, limits } = parts;
    const id = idFor(context);
    const checked = check(creationFields(Date.parse(context.at)), body);
    const { register } = await book.current();
    const { domain, ...given } = accept(checked, lookedUp(parts, register, id, checked.value, checked.problems.has('host')));
    const settings = settingsOf(domain, given);
    if (settings.max_accounts > 0) await limits.tryTo(id, settings.max_accounts, context);
    const refusal = await book.handle({ type: 'CreateSpace', data: { id, domain, settings }, now: context.at }, context);
    if (refusal !== undefined) throw answerRefusal(refusal);
    const { space, position } = await streams.follow(id);
    if (space.status !== 'live') throw notFound(); // deleted meanwhile
    await ports.journal.whenProjected(spaceView, position);
    return created(spaceJson(space), { changed: [`space:${id}`] });
  };

/** A host that is taken from the domain is served as it is, a given one must be under the root host (spec spaces.md §5.1). */
const lookedUp = (parts: Parts, register: Register, id: string, given: Partial<Given>, hostFaulty: boolean): ProblemList => {
  const host = hostFaulty ? undefined : (given.host ?? given.domain);
  const problems = problemsOf({ taken: takenIn(register, id, { name: given.name, domain: given.domain, host }), lastSuper: false });
  if (given.host && !isWithin(parts.settings.APP_ROOT_HOST, given.host)) problems.add('host', { key: 'domain' });
  return problems;
};

/** What is absent, or null where that is fine, takes its default. */
const settingsOf = (domain: string, { expire_at, host, ...given }: Omit<Given, 'domain'>): SpaceSettings => {
  const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));
  const expiry = typeof expire_at === 'number' ? isoMoment(expire_at) : null;
  return { ...defaultSettings, ...named, name: given.name, host: host ?? domain, expire_at: expiry };
};
