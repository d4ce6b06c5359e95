import { onMix } from './on-mix.ts';

await onMix('MONGODB_URL');
