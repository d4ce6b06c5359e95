import { callStories } from './calls.ts';
import { FlexisipConnection } from './connection.ts';
import { messageStories } from './messages.ts';
import { differencesOfCalls, differencesOfMessages } from './read-back.ts';
import type { Report, Story } from './traffic.ts';

/** Flexisip's default prefix, and the one that an operator sets (spec statistics.md §11.1). */
const prefixes = ['/api/statistics/', '/api/stats/'] as const;

export interface ReplayOptions {
  /** `https://host:port` of the gateway's TLS door. */
  readonly url: string;
  /** An API key of an admin who may read the account. */
  readonly key: string;
  /** The account in whose name calls and messages are made, and whose calls are read back. */
  readonly account: number;
  /** How often the evening is repeated; default 1. */
  readonly rounds?: number;
}

export interface Replay {
  readonly stories: number;
  readonly requests: number;
  readonly listedCalls: number;
  readonly messageDevices: number;
  readonly connections: number;
  /** What was answered or read back otherwise than sent; none = all is well. */
  readonly differences: readonly string[];
}

/** Replays the traffic of a Flexisip server over one connection, then reads it back over another one and compares. */
export const replayFlexisip = async ({ url, key, account, rounds = 1 }: ReplayOptions): Promise<Replay> => {
  const flexisip = new FlexisipConnection(url, key);
  const reader = new FlexisipConnection(url, key);
  try {
    const { username, domain } = await addressOf(reader, account);
    const stories = storiesOf(`${username}@${domain}`, domain, rounds);
    const answered = await Promise.all(stories.map((story, place) => tell(flexisip, prefixes[place % 2 === 0 ? 0 : 1], story)));
    const messages = await differencesOfMessages(flexisip, prefixes[0], stories);
    const calls = await differencesOfCalls(reader, account, stories);
    return {
      stories: stories.length,
      requests: stories.reduce((sum, { reports }) => sum + reports.length, 0),
      listedCalls: stories.filter(({ call }) => call !== undefined).length,
      messageDevices: stories.reduce((sum, { messageDevices = [] }) => sum + messageDevices.length, 0),
      connections: flexisip.connections,
      differences: [
        ...answered.flat(),
        ...messages,
        ...calls,
        ...(flexisip.connections === 1 ? [] : [`the connection did not last: ${flexisip.connections} were needed`]),
      ],
    };
  } finally {
    flexisip.close();
    reader.close();
  }
};

const addressOf = async (reader: FlexisipConnection, account: number): Promise<{ username: string; domain: string }> => {
  const { status, body } = await reader.send('GET', `/api/accounts/${account}`);
  if (status !== 200) throw new Error(`account ${account} cannot be read with that key: ${status}`);
  return JSON.parse(body);
};

/** An evening that began long enough ago to be over. */
const storiesOf = (us: string, domain: string, rounds: number): readonly Story[] => {
  const start = Math.floor(Date.now() / 1_000) * 1_000 - 3 * 3_600_000;
  return Array.from({ length: rounds }, () => [...callStories(us, domain, start), ...messageStories(us, domain, start)]).flat();
};

/** Sends one story; answers what was not answered as it should be. */
const tell = async (flexisip: FlexisipConnection, prefix: string, { name, order, reports }: Story): Promise<readonly string[]> => {
  const send = (report: Report) => answerOf(flexisip, prefix, name, report);
  if (order === 'at once') return (await Promise.all(reports.map(send))).flat();
  const differences: string[] = [];
  for (const report of reports) differences.push(...(await send(report)));
  return differences;
};

/** One request; a report without a complete answer is lost, as Flexisip never repeats it. */
const answerOf = async (flexisip: FlexisipConnection, prefix: string, story: string, report: Report): Promise<readonly string[]> => {
  const { method, path, body, statuses } = report;
  const what = `${story}: ${method} ${path}`;
  try {
    const { status, body: answer } = await flexisip.send(method, prefix + path, body);
    if (!statuses.includes(status)) return [`${what} was answered with ${status}, not ${statuses.join(' or ')}`];
    return method === 'POST' && status === 200 && answer !== '1' ? [`${what} was answered with ${answer}, not 1`] : [];
  } catch (error) {
    return [`${what} was lost: ${error instanceof Error ? error.message : 'no answer'}`];
  }
};
