import type { FlexisipConnection } from './connection.ts';
import type { ExpectedCall, ExpectedMessageDevice, Story } from './traffic.ts';

/** What this replay looks at in a call of a page (spec statistics.md §10.1). */
interface ListedCall {
  readonly id: string;
  readonly from_username: string;
  readonly from_domain: string;
  readonly to_username: string;
  readonly to_domain: string;
  readonly initiated_at: string;
  readonly ended_at: string | null;
  readonly devices: readonly {
    readonly id: number;
    readonly call_id: string;
    readonly device_id: string;
    readonly rang_at: string | null;
    readonly invite_terminated_at: string | null;
    readonly invite_terminated_state: string | null;
  }[];
}

interface Page {
  readonly data: readonly ListedCall[];
  readonly last_page: number;
  readonly per_page: number;
  readonly total: number;
}

/** Reads every page of the account's calls and compares them with what was sent. */
export const differencesOfCalls = async (
  reader: FlexisipConnection,
  account: number,
  stories: readonly Story[],
): Promise<readonly string[]> => {
  const { calls, differences } = await listedCalls(reader, account);
  const byId = new Map(calls.map((call) => [call.id, call]));
  const expected = stories.flatMap(({ name, call, unlisted }) => {
    if (unlisted !== undefined && byId.has(unlisted)) return [`${name}: is listed though nobody announced it`];
    return call === undefined ? [] : differencesOf(name, call, byId.get(call.id));
  });
  return [...differences, ...expected];
};

const listedCalls = async (reader: FlexisipConnection, account: number) => {
  const calls: ListedCall[] = [];
  const differences: string[] = [];
  let last = 1;
  for (let number = 1; number <= last; number++) {
    const { status, body } = await reader.send('GET', `/api/accounts/${account}/statistics/calls?page=${number}`);
    if (status !== 200) return { calls, differences: [`page ${number} of the calls was answered with ${status}`] };
    const page: Page = JSON.parse(body);
    last = page.last_page;
    calls.push(...page.data);
    if (page.per_page !== 30) differences.push(`a page has ${page.per_page} calls, not 30`);
    if (number === last && page.total !== calls.length) differences.push(`the pages hold ${calls.length} calls and tell of ${page.total}`);
  }
  const moments = calls.map(({ initiated_at }) => initiated_at);
  if (moments.some((moment, place) => place > 0 && moment > (moments[place - 1] ?? '')))
    differences.push('the calls are not listed newest first');
  return { calls, differences };
};

const differencesOf = (story: string, expected: ExpectedCall, listed: ListedCall | undefined): readonly string[] => {
  if (listed === undefined) return [`${story}: the call is not listed`];
  const shown = {
    from: `${listed.from_username}@${listed.from_domain}`,
    to: `${listed.to_username}@${listed.to_domain}`,
    initiated_at: listed.initiated_at,
    ended_at: listed.ended_at,
    devices: byDevice(
      listed.devices.map(({ device_id, rang_at, invite_terminated_at, invite_terminated_state }) => ({
        device_id,
        rang_at,
        invite_terminated_at,
        invite_terminated_state,
      })),
    ),
  };
  const sent = {
    from: expected.from,
    to: expected.to,
    initiated_at: momentOf(expected.initiated_at),
    ended_at: momentOf(expected.ended_at),
    devices: byDevice(
      expected.devices.map((device) => ({
        ...device,
        rang_at: momentOf(device.rang_at),
        invite_terminated_at: momentOf(device.invite_terminated_at),
      })),
    ),
  };
  const foreign = listed.devices.some(({ call_id }) => call_id !== listed.id) ? [`${story}: a device names another call`] : [];
  return [...foreign, ...compared(story, sent, shown)];
};

/** Sends the last report of each device again, which changes nothing, and compares the answer with what was sent. */
export const differencesOfMessages = async (
  flexisip: FlexisipConnection,
  prefix: string,
  stories: readonly Story[],
): Promise<readonly string[]> => {
  const compare = async (story: string, expected: ExpectedMessageDevice): Promise<readonly string[]> => {
    const { status, body } = await flexisip.send(expected.report.method, prefix + expected.report.path, expected.report.body);
    if (status !== 200) return [`${story}: a repeated report was answered with ${status}, not 200`];
    const { message_id, to_username, to_domain, device_id, last_status, received_at } = JSON.parse(body);
    const shown = { message_id, to: `${to_username}@${to_domain}`, device_id, last_status, received_at };
    const { report: _, ...sent } = expected;
    return compared(story, { ...sent, received_at: momentOf(sent.received_at) }, shown);
  };
  const all = stories.flatMap(({ name, messageDevices = [] }) => messageDevices.map((device) => compare(name, device)));
  return (await Promise.all(all)).flat();
};

/** `2026-03-12T14:53:22Z` as the API shows it. */
const momentOf = (second: string | null): string | null => second?.replace('Z', '.000000Z') ?? null;

const byDevice = <D extends { readonly device_id: string }>(devices: readonly D[]): readonly D[] =>
  [...devices].sort((one, other) => (one.device_id < other.device_id ? -1 : 1));

const compared = (story: string, sent: Readonly<Record<string, unknown>>, shown: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(sent).flatMap((member) => {
    const [mine, theirs] = [JSON.stringify(sent[member]), JSON.stringify(shown[member])];
    return mine === theirs ? [] : [`${story}: ${member} is ${theirs}, sent was ${mine}`];
  });
