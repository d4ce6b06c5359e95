import { freePort } from '../free-port.ts';
import { onSplit } from './on-split.ts';
import { rightsEnd } from './rights.ts';

/** Nobody listens there: Kafka is down from before the start on. */
onSplit('two gateways without Kafka', async () => ({ gateways: 2, env: { KAFKA_BROKERS: `127.0.0.1:${await freePort()}` } }), rightsEnd);
