import type { SASLOptions } from 'kafkajs';

export interface KafkaBusOptions {
  /** `host:port`, several of them. */
  readonly brokers: readonly string[];
  /** Names this process in the brokers' logs. */
  readonly clientId?: string;
  readonly ssl?: boolean;
  readonly sasl?: SASLOptions;
  /** Of topics that the bus makes, where they are not there. Default 6 partitions, and as many copies as the brokers make by default. */
  readonly partitions?: number;
  readonly replicationFactor?: number;
  /** A member of a group that is not heard of for so long has its partitions taken away. Default 10,000 ms. */
  readonly sessionMs?: number;
  /** Default 1,000 ms: how soon a member hears that another one came or went. */
  readonly heartbeatMs?: number;
  /** How long a fetch waits for something new. Default 250 ms. */
  readonly fetchWaitMs?: number;
  /** A consumer that has not fetched for so long, and is not handling an event, is made anew. Default 30,000 ms. */
  readonly silentMs?: number;
  /** Hears what goes wrong and is tried again: connections, rebalances, consumers that are made anew. */
  readonly onTrouble?: (text: string) => void;
}
