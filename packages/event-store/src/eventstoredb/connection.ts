import { type BaseOptions, EventStoreDBClient } from '@eventstore/db-client';
import type { CallOptions, Channel, ClientReadableStream, Metadata } from '@grpc/grpc-js';
import { AppendLane } from './append-lane.ts';
import { failureOf } from './failures.ts';
import { type ReadRequest, type ReadResponse, type StreamsCalls, StreamsClient } from './protocol.ts';

/** What the client keeps for its own modules: a call on the present channel, whose errors make it find the next node. */
interface InnerDoors {
  readonly GRPCStreamCreator: <T>(service: typeof StreamsClient, name: string, make: (calls: StreamsCalls) => T) => () => Promise<T>;
  readonly callArguments: (options: BaseOptions, callOptions?: CallOptions) => [Metadata, CallOptions];
  readonly getChannel: () => Promise<Channel>;
}

/** All that follows a write reads it back: only the leader has it at once. */
const LEADER = { requiresLeader: true };

/**
 * The one client of a process, with the lane that all its stores append through. The client finds nodes, follows the leader and
 * carries the credentials of the connection string; the calls are made here (see protocol.ts).
 */
export class EventStoreDbConnection {
  readonly appends: AppendLane;
  readonly #client: EventStoreDBClient;
  readonly #doors: InnerDoors;

  constructor(client: EventStoreDBClient) {
    this.#client = client;
    this.#doors = client as unknown as InnerDoors;
    this.appends = new AppendLane(() =>
      this.#call('batchAppend', (calls) => calls.batchAppend(...this.#doors.callArguments(LEADER, { deadline: Number.POSITIVE_INFINITY }))),
    );
  }

  /** A read without a deadline is a subscription. @throws Unsure, Refused */
  async open(request: ReadRequest, deadlineMs = Number.POSITIVE_INFINITY): Promise<ClientReadableStream<ReadResponse>> {
    const deadline = Date.now() + deadlineMs;
    try {
      return await this.#call('read', (calls) => calls.read(request, ...this.#doors.callArguments(LEADER, { deadline })));
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** @throws Unsure, Refused, StreamIsDeleted */
  async read(request: ReadRequest, deadlineMs: number): Promise<readonly ReadResponse[]> {
    const call = await this.open(request, deadlineMs);
    const responses: ReadResponse[] = [];
    try {
      for await (const response of call) responses.push(response);
    } catch (error) {
      throw failureOf(error);
    }
    return responses;
  }

  /** Softly: what is appended later goes on after the last revision. @throws WrongRevision, Unsure, Refused */
  async delete(stream: string, expect: number | 'any', deadlineMs: number): Promise<void> {
    const expectedRevision = expect === 'any' ? 'any' : BigInt(expect);
    try {
      await this.#client.deleteStream(stream, { ...LEADER, expectedRevision, deadline: deadlineMs });
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** Ends every call; the client cannot be used afterwards. */
  async close(): Promise<void> {
    await this.appends.close();
    await this.#client.dispose();
    const channel = await this.#doors.getChannel().catch(() => undefined);
    channel?.close();
  }

  #call<T>(name: string, make: (calls: StreamsCalls) => T): Promise<T> {
    return this.#doors.GRPCStreamCreator(StreamsClient, name, make)();
  }
}

/** `url` is no connection string. The parser's own text is left out, and with it the cause: it quotes the string, credentials and all. */
export class NoConnectionString extends Error {
  readonly code = 'event-store/no-connection-string';
}

/** `url`: `esdb://[user:password@]host:port[,…]?tls=…`, as EventStoreDB's documentation of connection strings says. @throws NoConnectionString */
export const connectEventStoreDb = (url: string): EventStoreDbConnection => {
  try {
    return new EventStoreDbConnection(EventStoreDBClient.connectionString(url));
  } catch {
    throw new NoConnectionString('EVENTSTORE_URL is no connection string of EventStoreDB: esdb://host:port?tls=…');
  }
};
