import { onMix } from './on-mix.ts';

await onMix('EVENTSTORE_URL', 'MONGODB_URL');
