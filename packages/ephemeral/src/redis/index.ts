export { type RedisEphemeralOptions, openRedisEphemeral } from './redis-ephemeral.ts';
