export { openRedisEphemeral, type RedisEphemeralOptions } from './redis-ephemeral.ts';
