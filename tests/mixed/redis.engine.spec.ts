import { onMix } from './on-mix.ts';

await onMix('REDIS_URL');
