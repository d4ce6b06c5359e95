import {
  accept,
  type Call,
  check,
  type Handler,
  invalid,
  notFound,
  ok,
  type ProblemList,
  type ValueOf,
  withProblems,
} from '@flexistream/http';
import { type CommandContext, derived, isoMoment, Unavailable } from '@flexistream/kernel';
import type { Parts } from '../parts.ts';
import { spaceJson } from '../space/json.ts';
import type { LiveSpace } from '../space/space.ts';
import type { SpaceSettings } from '../space/space-settings.ts';
import { spaceView } from '../space/view.ts';
import { updateFields } from './fields.ts';
import { answerRefusal, isWithin, problemsOf } from './problems.ts';
import type { RegisterRefusal } from './register.ts';
import { othersCanManage } from './super-admins.ts';
import { isLastSuper, type Register, spaceWith, takenIn } from './unique.ts';

type Request = Pick<Call, 'params' | 'body' | 'context'>;

const RETRY_FOR_MS = 5_000;

/** `PUT /spaces/{domain}`: the whole of it or nothing. */
export const updateSpace =
  (parts: Parts): Handler =>
  async (call: Request) => {
    const deadline = Date.now() + RETRY_FOR_MS;
    for (let attempt = 1; Date.now() < deadline; attempt++) {
      const id = await updateOnce(parts, call, derived(call.context, `attempt ${attempt}`));
      if (id === undefined) continue;
      const { space, position } = await parts.streams.follow(id);
      if (space.status !== 'live') throw notFound(); // deleted meanwhile
      await parts.ports.journal.whenProjected(spaceView, position);
      return ok(spaceJson(space), { changed: [`space:${id}`] });
    }
    throw new Unavailable('the limit of a space keeps changing');
  };

/** First all that needs no look-up, then 404, then uniqueness and limit together (spec spaces.md §6). Undefined: start over. */
const updateOnce = async (parts: Parts, { params, body, context }: Request, attempt: CommandContext): Promise<string | undefined> => {
  const { register } = await parts.book.current();
  const space = spaceWith(register, 'domain', (params.domain ?? '').toLowerCase());
  const stored = space?.settings.expire_at ?? null;
  const checked = check(updateFields(Date.parse(context.at), stored === null ? null : Date.parse(stored)), body);
  const given = accept(checked);
  if (space === undefined) throw notFound();
  const settings = settingsOf(given, space);
  const problems = await lookedUp(parts, register, space, settings, context);
  return (await change(parts, { space, settings, problems, order: checked.order }, context, attempt)) ? space.id : undefined;
};

const settingsOf = ({ host, expire_at, ...given }: ValueOf<ReturnType<typeof updateFields>>, space: LiveSpace): SpaceSettings => ({
  ...given,
  host: host ?? space.settings.host,
  expire_at: expire_at === null ? null : isoMoment(expire_at),
});

const lookedUp = async (parts: Parts, register: Register, space: LiveSpace, settings: SpaceSettings, context: CommandContext) => {
  const { id, settings: before } = space;
  const ends = before.super && !settings.super;
  const lastSuper = ends && (isLastSuper(register, id) || !(await othersCanManage(parts.ports.ask, register, id, context)));
  const problems = problemsOf({ taken: takenIn(register, id, { name: settings.name, host: settings.host }), lastSuper });
  // A host that was taken from the domain may lie elsewhere, and comes back unchanged.
  if (settings.host !== before.host && !isWithin(parts.settings.APP_ROOT_HOST, settings.host)) problems.add('host', { key: 'domain' });
  return problems;
};

interface Wanted {
  readonly space: LiveSpace;
  readonly settings: SpaceSettings;
  /** What is wrong with them already. */
  readonly problems: ProblemList;
  readonly order: readonly string[];
}

/**
 * A limit that differs is tried at accounts first, where it is known how many there are; even for a request that is refused for
 * other reasons, so that one 422 lists everything. However that ends, accounts is then told what the register says.
 * False when somebody else changed the limit meanwhile; what is asked of accounts belongs to the attempt.
 */
const change = async (
  parts: Parts,
  { space, settings, problems, order }: Wanted,
  context: CommandContext,
  attempt: CommandContext,
): Promise<boolean> => {
  const { id } = space;
  const { max_accounts: limit } = settings;
  const { max_accounts: limitBefore } = space.settings;
  const trying = limit !== limitBefore && (limit > 0 || problems.problems.size === 0);
  let settled = !trying;
  try {
    const present = trying ? await parts.limits.tryTo(id, limit, attempt) : undefined;
    if (present !== undefined) problems.add('max_accounts', { key: 'min_number', values: { n: present } });
    settled ||= present !== undefined; // refused: nothing was set
    const all = withProblems(order, new Map(), problems);
    if (all.size > 0) throw invalid(all);
    const refusal = await parts.book.handle({ type: 'UpdateSpace', data: { id, settings, limitBefore }, now: context.at }, context);
    if (refusal === undefined) return true;
    if (refusal.refused === ('limit_moved' satisfies RegisterRefusal)) return false;
    throw answerRefusal(refusal);
  } finally {
    if (!settled) await settle(parts, id, attempt);
  }
};

const settle = ({ limits, ports }: Parts, id: string, context: CommandContext): Promise<void> =>
  limits.settle(id, context).catch((error: unknown) => {
    ports.log.error({ error, space: id }, 'the limit of a space could not be settled; the sweep will do it');
  });
