import type { EventBus } from '../port.ts';
import { KafkaBus } from './kafka-bus.ts';
import type { KafkaBusOptions } from './options.ts';

export { deadLetterTopic } from './dead-letters.ts';
export type { KafkaBusOptions } from './options.ts';

/** Connects at the first use. */
export const openKafkaBus = (options: KafkaBusOptions): EventBus => new KafkaBus(options);
