import type { KeyObject } from 'node:crypto';
import type { Ephemeral } from '@flexistream/ephemeral';
import {
  type Answer,
  chooseLanguage,
  Failure,
  isFailure,
  type JsonObject,
  methodUnsupported,
  payloadTooLarge,
  routeUnknown,
} from '@flexistream/http';
import { type Clock, uuidv7 } from '@flexistream/kernel';
import { gauge, type Log, traced, tracingEnabled } from '@flexistream/observability';
import type { AskService } from '@flexistream/service-host';
import { type AccessLog, accessLog } from './access-log.ts';
import { admit } from './admission.ts';
import { failureAnswer, failureOf } from './answer/failure-answer.ts';
import { send, sendAndHangUp } from './answer/send.ts';
import { callOf } from './call-of.ts';
import { beginExchange, type Exchange } from './exchange.ts';
import { healthAnswer, type Readiness } from './health.ts';
import { Identities } from './identity/identities.ts';
import { Limits } from './limits/limits.ts';
import { presentedKey } from './login/api-key.ts';
import { waysIn } from './login/make-ways-in.ts';
import { hasCredential, type WaysIn } from './login/ways-in.ts';
import { Patience } from './patience.ts';
import { addressMatcher } from './request/address.ts';
import { arrivalOf } from './request/arrival.ts';
import { announcesTooMuch, hasBody, isClientGone, readBody } from './request/body.ts';
import { headerOf } from './request/header-text.ts';
import { type Host, hostReader } from './request/host.ts';
import type { Incoming, Outgoing } from './request/incoming.ts';
import { routedPath, targetOf } from './routing/path.ts';
import { type Found, type Handlers, type RouteTable, type Row, routeTable } from './routing/route-table.ts';
import type { GatewaySettings } from './settings.ts';

export interface GatewayOptions {
  /** As the gateway asks. */
  readonly ask: AskService;
  /** Of all services; a row without one is not served. `ping` is the gateway's own. */
  readonly handlers: Handlers;
  readonly ephemeral: Ephemeral;
  readonly clock: Clock;
  readonly settings: GatewaySettings;
  readonly log: Log;
  /** For nonces; made from the master key, the same for all gateways. */
  readonly key: KeyObject;
  readonly ready: () => Readiness | Promise<Readiness>;
}

const empty: JsonObject = Object.freeze({});

/** From a request to its answer: the checks of spec auth-and-errors.md §3 in their order, then the handler. */
export class Gateway {
  readonly identities: Identities;
  readonly #options: GatewayOptions;
  readonly #routes: RouteTable;
  readonly #ways: WaysIn;
  readonly #limits: Limits;
  readonly #patience = new Patience();
  readonly #isTrusted: (address: string) => boolean;
  readonly #logAccess: AccessLog;
  readonly #hostOf: (authority: string | undefined) => Host | undefined;

  /** @throws Error when a setting cannot be used (TRUST_PROXY, JWT_RSA_PUBLIC_KEY_PEM) */
  constructor(options: GatewayOptions) {
    const { ask, clock, ephemeral, log, settings } = options;
    this.#options = options;
    this.identities = new Identities({ ask, clock });
    this.#routes = routeTable({ ping: async () => ({ status: 200, text: 'pong' }), ...options.handlers });
    this.#ways = waysIn({ ...options, identities: this.identities });
    this.#limits = new Limits({ ephemeral, clock, log, perMinute: settings.RATE_LIMIT_PER_MINUTE, key: options.key });
    this.#isTrusted = addressMatcher(settings.TRUST_PROXY);
    this.#hostOf = hostReader();
    this.#logAccess = accessLog(log);
    gauge('flexistream_held_bytes', 'Bodies of statistics requests that wait for their owner', (result) =>
      result.observe(this.#patience.heldBytes),
    );
  }

  /** Never rejects. `last` tells whether the connection ends after the answer. */
  async handle(request: Incoming, response: Outgoing, { last }: { last: () => boolean }): Promise<void> {
    const exchange = this.#begin(request, response);
    const answer = await this.#answer(exchange);
    if (answer === undefined) return;
    this.#send(exchange, answer, last());
  }

  #begin(request: Incoming, response: Outgoing): Exchange {
    const target = targetOf(request.url ?? '/');
    const arrival = arrivalOf(request, target.authority, this.#isTrusted);
    const commandId = uuidv7(this.#options.clock());
    return beginExchange({ request, response, target, arrival, commandId, look: this.identities.look(false) });
  }

  async #answer(exchange: Exchange): Promise<Answer | undefined> {
    const { request, target } = exchange;
    const method = request.method ?? 'GET';
    try {
      const health = await healthAnswer(target.path, method, this.#options.ready);
      if (health !== undefined) return health;
      if (announcesTooMuch(request, this.#options.settings.MAX_BODY_BYTES)) throw payloadTooLarge();
      const path = routedPath(target.path);
      const found = this.#routes.find(path);
      if (found === undefined) throw routeUnknown(path);
      if (method === 'OPTIONS') return { status: 204, headers: { Allow: found.allowed.join(', ') } };
      const row = found.rows.get(method);
      if (row === undefined) throw methodUnsupported(method, path, found.allowed);
      exchange.row = row;
      if (row.patient) {
        exchange.look = { ...exchange.look, patient: true };
        exchange.spared = presentedKey(request.headers) !== undefined;
      }
      return tracingEnabled() ? await this.#traced(exchange, row, found) : await this.#serve(exchange, row, found);
    } catch (error) {
      return this.#failed(exchange, error);
    }
  }

  #traced(exchange: Exchange, row: Row, found: Found): Promise<Answer | undefined> {
    const attributes = { 'http.request.method': row.method, 'http.route': row.path, 'flexistream.request': exchange.requestId };
    return traced(`${row.method} ${row.path}`, { parent: exchange.arrival.traceparent, kind: 'server', attributes }, async (span) => {
      const answer = await this.#serve(exchange, row, found).catch((error: unknown) => this.#failed(exchange, error));
      if (answer !== undefined) span?.setAttribute('http.response.status_code', answer.status);
      return answer;
    });
  }

  /** Steps 4 to 6, then who calls, then the handler. */
  async #serve(exchange: Exchange, row: Row, found: Found): Promise<Answer> {
    const { request, arrival } = exchange;
    const { settings } = this.#options;
    if (!this.#limits.off && !exchange.spared && (row.access === 'public' || !hasCredential(request.headers))) {
      exchange.limit = await this.#limits.byAddress(arrival.address);
    }
    const limits = { maxBytes: settings.MAX_BODY_BYTES, timeoutMs: settings.REQUEST_TIMEOUT_SECONDS * 1000 };
    const body = hasBody(request) ? await readBody(request, limits) : empty;
    exchange.language = chooseLanguage(headerOf(request.headers['accept-language']));
    if (!row.patient) return this.#dispatch(exchange, row, found, body);
    const bytes = Number(request.headers['content-length'] ?? 0);
    return this.#patience.persist(bytes, () => this.#dispatch(exchange, row, found, body));
  }

  async #dispatch(exchange: Exchange, row: Row, found: Found, body: JsonObject): Promise<Answer> {
    await this.#findSpace(exchange, row);
    const caller = row.access === 'public' ? undefined : await admit(exchange, row, this);
    const answer = await row.handler(callOf(exchange, { row, params: found.params, body, caller, now: this.#options.clock() }));
    if (answer.changed !== undefined) this.identities.evict(answer.changed);
    return answer;
  }

  /** Before the login, on everything but the gateway's own routes (spec auth-and-errors.md §4). */
  async #findSpace(exchange: Exchange, row: Row): Promise<void> {
    if (row.service === 'gateway') return;
    const host = this.#hostOf(exchange.arrival.authority);
    if (host === undefined) throw new Failure(400, { key: 'bad_hostname' });
    const { look } = exchange;
    const space = await this.identities.spaceOfHost(host, look);
    exchange.hostSpace = space ?? (look.old ? await this.identities.spaceOfHost(host, this.identities.lookAgain(look)) : undefined);
    if (exchange.hostSpace === undefined) throw new Failure(404, { key: 'host_unknown' });
  }

  get ways(): WaysIn {
    return this.#ways;
  }

  get limits(): Limits {
    return this.#limits;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  #failed(exchange: Exchange, error: unknown): Answer | undefined {
    if (isClientGone(error)) return undefined;
    const failure = failureOf(error);
    if (!isFailure(error)) {
      const level = failure.status === 503 ? 'warn' : 'error';
      this.#options.log[level]({ err: error, requestId: exchange.requestId, route: exchange.row?.path }, 'a request failed');
    }
    return failureAnswer(failure, exchange.language);
  }

  #send(exchange: Exchange, answer: Answer, last: boolean): void {
    const { request, response, requestId, limit, once, row } = exchange;
    const leavesBody = answer.status === 413 || answer.status === 408;
    try {
      (leavesBody ? sendAndHangUp : send)(request, response, answer, { requestId, limit, challenge: once.challenge, last });
    } catch (error) {
      this.#options.log.warn({ err: error, requestId, route: row?.path }, 'an answer could not be sent');
    }
    this.#logAccess(exchange, answer.status);
  }
}
