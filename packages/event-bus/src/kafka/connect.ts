import { Kafka, logLevel } from 'kafkajs';
import type { KafkaBusOptions } from './options.ts';

const CONNECT_MS = 1_000;
const REQUEST_MS = 10_000;

/** What kafkajs logs goes to `onTrouble`, never to the console. */
export const connectKafka = ({ brokers, clientId = 'flexistream', ssl, sasl, onTrouble = () => {} }: KafkaBusOptions): Kafka =>
  new Kafka({
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 500 }, // of connections; what asks has a patience of its own
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, log: { message } }) =>
        onTrouble(`kafka ${namespace}: ${message}`),
  });
