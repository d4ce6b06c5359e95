import { onMix } from './on-mix.ts';

await onMix('KAFKA_BROKERS', 'REDIS_URL');
