import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IntegrationEvent, topicOf } from '@flexistream/contracts';
import type { EventBus } from '@flexistream/event-bus';
import { Unavailable, uuidv7 } from '@flexistream/kernel';
import { createLog } from '@flexistream/observability';
import { type Infrastructure, openEmbedded } from '@flexistream/service-host';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { evictOnEvents } from './evictions.ts';

let folder: string;
let infrastructure: Infrastructure;
let logged: string[];
const log = createLog({ destination: { write: (line) => void logged.push(line) } });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flexistream-'));
  infrastructure = await openEmbedded({ folder, threads: false });
  logged = [];
});
afterEach(async () => {
  await infrastructure.close();
  await rm(folder, { recursive: true, force: true });
});

const about = (source: IntegrationEvent['source'], subject: string) => ({
  specversion: '1.0' as const,
  id: uuidv7(),
  source,
  subject,
  time: '2026-01-01T00:00:00.000Z',
  sequence: 0,
  correlation: 'correlation',
});
const publish = (bus: EventBus, event: IntegrationEvent) => bus.publish(topicOf(event.source), [event]);
const accountChanged = (accountId: number): IntegrationEvent => ({
  ...about('accounts', String(accountId)),
  type: 'account.access-changed.v1',
  data: { accountId, spaceId: 's' },
});

test('every gateway evicts what an event tells of, from its start on', async () => {
  const { bus } = infrastructure;
  await publish(bus, accountChanged(1));
  const evicted = [[] as string[], [] as string[]];
  const gateways = await Promise.all(evicted.map((mine) => evictOnEvents(bus, (names) => mine.push(...names), log)));
  await publish(bus, accountChanged(7));
  await publish(bus, { ...about('spaces', 's'), type: 'space.changed.v1', data: { spaceId: 's' } });
  await publish(bus, { ...about('tokens', 'k'), type: 'token.key-revoked.v1', data: { keyId: 'k', accountId: 8 } });
  for (const gateway of gateways) await gateway.caughtUp();
  const all = ['account-keys:7', 'account-keys:8', 'account:7', 'account:8', 'space:s'];
  expect(evicted.map((mine) => mine.toSorted())).toEqual([all, all]);
});

test('one that fails is logged, and the next ones are done', async () => {
  const { bus } = infrastructure;
  const evicted: string[] = [];
  const evict = (names: readonly string[]) => {
    if (names.includes('account:1')) throw new Error('no memory of it');
    evicted.push(...names);
  };
  const gateway = await evictOnEvents(bus, evict, log);
  await publish(bus, accountChanged(1));
  await publish(bus, accountChanged(2));
  await gateway.caughtUp();
  expect(evicted).toEqual(['account:2', 'account-keys:2']);
  expect(logged.join()).toContain('no memory of it');
  expect(await bus.parked('gateway')).toEqual([]);
});

test('a gateway that starts without the bus evicts once the bus is there', async () => {
  const { bus } = infrastructure;
  let away = 2;
  const comesLater = Object.assign(Object.create(bus), {
    listen: (options: Parameters<EventBus['listen']>[0]) => (away-- > 0 ? Promise.reject(new Unavailable('away')) : bus.listen(options)),
  });
  const evicted: string[] = [];
  const gateway = await evictOnEvents(comesLater, (names) => evicted.push(...names), log);
  await gateway.caughtUp(); // resolves when it listens
  await publish(bus, accountChanged(3));
  await gateway.caughtUp();
  expect(evicted).toEqual(['account:3', 'account-keys:3']);
});
