import type { Ephemeral } from '@flexistream/ephemeral';
import { openRedisEphemeral } from '@flexistream/ephemeral/redis';
import type { SharedEngine } from './shared-logs.ts';

export const openSharedEphemeral = ({ url, installation }: SharedEngine): Ephemeral => openRedisEphemeral({ url, prefix: installation });
