import { randomUUID } from 'node:crypto';
import { describe, test } from '@jest/globals';
import { eventBusContract } from '../contract.ts';
import { openKafkaBus } from './index.ts';

const { KAFKA_BROKERS: brokers } = process.env;

if (brokers === undefined) describe('Kafka as an event bus', () => test.skip('no broker: KAFKA_BROKERS is not set', () => {}));
else
  eventBusContract('Kafka', async () => {
    const id = randomUUID();
    return {
      open: async () => openKafkaBus({ brokers: brokers.split(','), partitions: 3, heartbeatMs: 100, fetchWaitMs: 50 }),
      own: (name) => `${name}-${id}`,
      [Symbol.asyncDispose]: async () => {},
    };
  });
