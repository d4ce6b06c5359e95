import { notFound, ok, page, pageNumber, type Call as Request, type SipAddress } from '@flexistream/http';
import { load } from '@flexistream/kernel';
import type { HandlersOf, Ports } from '@flexistream/service-host';
import type { AccountTies } from '../people/account-ties.ts';
import type { People } from '../people/people.ts';
import { devicesOf, listedCall, partiesOf } from './answers.ts';
import { callDecider } from './call.ts';
import { type CallByParty, type CallCount, callCounts, callStream, callsByParty, callView } from './view.ts';

export interface ReadParts {
  readonly ports: Pick<Ports, 'journal' | 'views' | 'ask'>;
  readonly people: People;
  readonly ties: AccountTies;
}

type ReadRoutes = Pick<HandlersOf<'statistics'>, 'readMyCalls' | 'readCalls'>;

const PER_PAGE = 30;

/** The calls of one person, both directions, newest first (spec statistics.md §10.1). */
export const readRoutes = ({ ports, people, ties }: ReadParts): ReadRoutes => {
  const answer = async (request: Request, accountId: number, address: SipAddress) => {
    const number = await people.find(address);
    if (number !== undefined) await ties.tie(number, accountId);
    const current = pageNumber(request.query.page);
    const { total, data } = number === undefined ? nobody : await listed(ports, people, number, current);
    const { origin, path, language } = request;
    return ok(page(data, { total, page: current, perPage: PER_PAGE, url: `${origin}${path}`, language }));
  };

  return {
    readMyCalls: (request) => {
      const { accountId, username, space } = request.caller;
      return answer(request, accountId, { username, domain: space.domain });
    },
    readCalls: async (request) => {
      const { caller, params, context } = request;
      const id = /^[0-9]{1,18}$/.test(params.id ?? '') ? Number(params.id) : undefined;
      const [account] = id === undefined || !Number.isSafeInteger(id) ? [] : await ports.ask('accounts.resolve', { id }, context);
      if (account === undefined || !(caller.superAdmin || account.spaceId === caller.space.id)) throw notFound();
      return answer(request, account.id, account);
    },
  };
};

const nobody = { total: 0, data: [] };

const listed = async ({ journal, views }: ReadParts['ports'], people: People, party: number, current: number) => {
  await journal.whenProjected(callView, await journal.head()); // clients read what they wrote
  const total = (await views.get<CallCount>(callView, callCounts, party))?.calls ?? 0;
  const offset = (current - 1) * PER_PAGE;
  if (offset >= total) return { total, data: [] };
  const rows = await views.find<CallByParty>(callView, callsByParty, {
    where: { party },
    order: { by: ['initiatedAt', 'tie'], direction: 'descending' },
    offset,
    limit: PER_PAGE,
  });
  const states = await Promise.all(rows.map(({ call }) => load(journal, callDecider, callStream(call))));
  const found = rows.flatMap(({ call: id }, place) => {
    const call = states[place]?.state;
    return call?.status === 'announced' ? [{ id, call }] : [];
  });
  const texts = await people.read(found.flatMap(({ call }) => [...partiesOf(call), ...devicesOf(call)]));
  return { total, data: found.map(({ id, call }) => listedCall(id, call, texts)) };
};
