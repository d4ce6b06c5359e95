import type { EventBus } from '@flexistream/event-bus';
import { openKafkaBus } from '@flexistream/event-bus/kafka';
import type { Log } from '@flexistream/observability';
import { busOf } from '../installation.ts';

export interface SharedBus {
  readonly brokers: readonly string[];
  readonly installation: string;
  /** Names this process in the brokers' logs. */
  readonly name: string;
}

export const openSharedBus = ({ brokers, installation, name }: SharedBus, log: Log): EventBus =>
  busOf(installation, openKafkaBus({ brokers, clientId: name, onTrouble: (text) => log.warn({ engine: 'kafka' }, text) }));
