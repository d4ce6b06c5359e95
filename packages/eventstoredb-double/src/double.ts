import { join } from 'node:path';
import { Server, ServerCredentials, type ServerWritableStream, type sendUnaryData } from '@grpc/grpc-js';
import { unavailable } from './answers.ts';
import { Faults } from './faults.ts';
import { Gate } from './gate.ts';
import { News } from './news.ts';
import {
  type ReadRequest,
  type ReadResponse,
  ServerFeaturesService,
  StreamsService,
  SupportedMethod,
  SupportedMethods,
} from './protocol.ts';
import { RecordLog } from './record-log.ts';
import { StreamsDouble } from './streams-service.ts';
import { LogWriter } from './writer.ts';

export const VERSION = 'double';

export interface DoubleOptions {
  /** The log lies there and is found again. */
  readonly folder: string;
  /** 0, the default: any free one. */
  readonly port?: number;
}

export interface EventStoreDbDouble extends AsyncDisposable {
  /** For EVENTSTORE_URL. */
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
  /** Ends every subscription as a server does that cannot take more. Answers how many there were. */
  dropSubscriptions(): number;
  /** Cuts every connection. */
  cut(): void;
  /** As if the network was gone, until `release`: connections stand, nothing passes. */
  hold(): void;
  release(): void;
  stop(): Promise<void>;
}

/** Starts the double on 127.0.0.1. */
export const startEventStoreDbDouble = async ({ folder, port = 0 }: DoubleOptions): Promise<EventStoreDbDouble> => {
  const log = new RecordLog(join(folder, 'eventstoredb-double.db'));
  const news = new News();
  const faults = new Faults();
  const subscriptions = new Set<ServerWritableStream<ReadRequest, ReadResponse>>();
  const writer = new LogWriter(log, () => news.spread());
  const server = new Server();
  const opened: { gate?: Gate; port: number } = { port: 0 };
  const streams = new StreamsDouble({ log, writer, news, faults, subscriptions, cut: () => opened.gate?.cut(), port: () => opened.port });
  server.addService(StreamsService, streams.implementation());
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (_: unknown, answer: sendUnaryData<unknown>) => answer(null, supported()),
  });
  const inner = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  const { gate, port: outer } = await Gate.open(inner, port);
  opened.gate = gate;
  opened.port = outer;
  const stop = async () => {
    await gate.close();
    server.forceShutdown();
    log.close();
  };
  return {
    url: `esdb://127.0.0.1:${outer}?tls=false`,
    port: outer,
    faults,
    dropSubscriptions: () => {
      const dropped = [...subscriptions];
      for (const call of dropped) call.emit('error', unavailable());
      return dropped.length;
    },
    cut: () => gate.cut(),
    hold: () => gate.hold(),
    release: () => gate.release(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
};

/** What the client asks first, to know whether it may append in batches (dist/Client/ServerFeatures.js). */
const supported = () => {
  const answer = new SupportedMethods();
  answer.setEventStoreServerVersion(VERSION);
  for (const name of ['read', 'append', 'delete', 'batchappend']) {
    const method = new SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    answer.addMethods(method);
  }
  return answer;
};
