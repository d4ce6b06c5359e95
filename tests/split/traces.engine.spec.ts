import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { type Collector, type Span, startCollector } from '../otlp-collector.ts';
import { createAccount } from '../population.ts';
import { onSplit } from './on-split.ts';
import { brokenCalls, labelOf, treeOf } from './trace-tree.ts';

const WITHIN_MS = 20_000;

const person = { username: 'traced.trudy', email: 'trudy@traced.example', phone: '+33698765432', display_name: 'Trudy Traced' };

/** Whether anybody is asked about a caller or its space depends on what is remembered of the last second. */
const isLookUp = ({ name }: Span): boolean => /\.(resolve\w*|key(Used|LastUse))$/.test(name);

/** The request and the service's own reaction both complete a deletion: which of them writes it is chance, and that it is written once is not. */
const isCompletion = (span: Span): boolean => / append (ClaimReleased|NameReserved)$/.test(labelOf(span));

const creation = `\
gateway server POST /api/accounts
  gateway client createAccount
    accounts server createAccount
      accounts internal accounts createAccount
        accounts internal append AccountCreated
          accounts internal project account
          accounts internal project account
          accounts internal project account
          accounts internal project pending-claims
          accounts internal project pending-claims
          accounts internal project pending-claims
          accounts producer publish
            accounts consumer react to account.created.v1
            statistics consumer react to account.created.v1
            tokens consumer react to account.created.v1
        accounts internal append ClaimTaken
          accounts internal project account
          accounts internal project pending-claims
        accounts internal append ClaimTaken
          accounts internal project account
          accounts internal project pending-claims
        accounts internal append ClaimTaken
          accounts internal project account
          accounts internal project pending-claims`;

const deletion = `\
gateway server DELETE /api/accounts/:id
  gateway client deleteAccount
    accounts server deleteAccount
      accounts internal accounts deleteAccount
        accounts internal append AccountDeleted
          accounts internal project account
          accounts internal project pending-claims
          accounts producer publish
            accounts consumer react to account.deleted.v1
            statistics consumer react to account.deleted.v1
            tokens consumer react to account.deleted.v1
              tokens internal append AdminKeysClosed
                tokens internal project creation-tokens
              tokens internal append UserKeyEnded
                tokens internal project creation-tokens`;

let collector: Collector;
beforeAll(async () => {
  collector = await startCollector();
});
afterAll(() => collector[Symbol.asyncDispose]());

const startOptions = () => ({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ACCOUNT_PHONE_COUNTRIES: 'FR' } });

onSplit('one request is one trace through all processes', startOptions, (split) => {
  let id: number;
  beforeAll(async () => {
    ({ id } = await createAccount(split(), { ...person, domain: 'sip.localhost' }));
    await traceOf('POST /api/accounts', (spans) => shapeOf(spans) === creation);
    await ask(split(), `/api/accounts/${id}`, { method: 'DELETE', key: split().adminKey });
    await traceOf('DELETE /api/accounts/:id', (spans) => shapeOf(spans) === deletion && completionsOf(spans).length === 4);
  });

  /** The spans of the one trace of a route, once they are as wanted; what there is when that takes too long, for the test to tell. */
  const traceOf = async (route: string, wanted: (spans: readonly Span[]) => boolean = () => true): Promise<readonly Span[]> => {
    const ofRoute = (all: readonly Span[]): readonly Span[] => {
      const roots = all.filter(({ name }) => name === route);
      return all.filter(({ traceId }) => roots.length === 1 && traceId === roots[0]?.traceId);
    };
    await Promise.race([collector.until((all) => wanted(ofRoute(all))), pause(WITHIN_MS, undefined, { ref: false })]);
    return ofRoute(collector.spans());
  };
  const rootOf = (spans: readonly Span[]): Span | undefined => spans.find(({ parentSpanId }) => !parentSpanId);
  const shapeOf = (spans: readonly Span[]): string => {
    const root = rootOf(spans);
    return root === undefined ? '' : treeOf(spans, root, (span) => isLookUp(span) || isCompletion(span));
  };
  const completionsOf = (spans: readonly Span[]): string[] => spans.filter(isCompletion).map(labelOf).sort();

  test('a creation: gateway, service, append, projections, relay, Kafka, and the consumers of three services', async () => {
    expect(shapeOf(await traceOf('POST /api/accounts'))).toBe(creation);
  });

  test('a deletion: the same, and what another service appends for it, with its projection', async () => {
    const spans = await traceOf('DELETE /api/accounts/:id');
    expect(shapeOf(spans)).toBe(deletion);
    const released = Array.from({ length: 3 }, () => 'accounts internal append ClaimReleased');
    expect(completionsOf(spans)).toEqual([...released, 'accounts internal append NameReserved']);
  });

  test.each(['POST /api/accounts', 'DELETE /api/accounts/:id'])(
    '%s: every span has its parent there, every call its two ends',
    async (route) => {
      const spans = await traceOf(route);
      const ids = new Set(spans.map(({ spanId }) => spanId));
      expect(spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ''))).toEqual([rootOf(spans)]);
      expect(brokenCalls(spans)).toEqual([]);
    },
  );

  test('no span of any process has more than routes, types, numbers and ids', async () => {
    await traceOf('DELETE /api/accounts/:id');
    const keys = new Set(collector.spans().flatMap(({ attributes }) => attributes.map(({ key }) => key)));
    expect([...keys].sort()).toEqual([
      'flexistream.events',
      'flexistream.request',
      'flexistream.type',
      'http.request.method',
      'http.response.status_code',
      'http.route',
    ]);
    const sent = collector.text();
    expect(new Set(collector.spans().map(({ service }) => service))).toEqual(
      new Set(['gateway', 'accounts', 'spaces', 'tokens', 'notifications', 'statistics']),
    );
    for (const used of [...Object.values(person), 'sip.localhost', '127.0.0.1', `/api/accounts/${id}`, split().adminKey]) {
      expect([used, sent.includes(used)]).toEqual([used, false]);
    }
  });
});

describe('a tree of spans', () => {
  const span = (spanId: string, parentSpanId: string, kind: number, service: string, name = 'ask'): Span => ({
    traceId: 't',
    spanId,
    parentSpanId,
    kind,
    service,
    name,
    attributes: [],
  });
  const whole = [span('1', '', 2, 'gateway'), span('2', '1', 3, 'gateway'), span('3', '2', 2, 'accounts')];

  test.each<[string, Span[]]>([
    ['an end that is missing', [span('1', '', 2, 'gateway'), span('2', '1', 3, 'gateway')]],
    ['an end in the same process', [...whole.slice(0, 2), span('3', '2', 2, 'gateway')]],
    ['an end of another name', [...whole.slice(0, 2), span('3', '2', 2, 'accounts', 'other')]],
    ['two ends', [...whole, span('4', '2', 2, 'spaces')]],
    ['an end that nobody asked', [...whole, span('4', '1', 2, 'spaces')]],
  ])('%s is told', (_, spans) => {
    expect(brokenCalls(whole)).toEqual([]);
    expect(brokenCalls(spans)).not.toEqual([]);
  });
});
