import { OffsetBeyondEnd } from '../errors.ts';
import { Progress } from './progress.ts';
import type { ParkedEntry, TopicLog } from './topic-log.ts';

/** What all consumers of one group share about one topic. */
export class GroupTopic {
  readonly group: string;
  readonly topic: string;
  /** The stored offset. */
  readonly progress = new Progress();
  /** Keys of which something is parked: what comes later waits behind it. */
  readonly parkedKeys = new Set<string>();

  private constructor(group: string, topic: string) {
    this.group = group;
    this.topic = topic;
  }

  /** @throws OffsetBeyondEnd when the topics are not those that the group has read. */
  static async join(log: TopicLog, group: string, topic: string): Promise<GroupTopic> {
    const joined = new GroupTopic(group, topic);
    const [offset, end, parked] = [await log.join(group, topic), await log.end(), await log.parked(group)];
    if (offset > end) throw new OffsetBeyondEnd(group, topic, offset, end);
    joined.progress.reach(offset);
    for (const entry of parked) if (entry.topic === topic) joined.parkedKeys.add(entry.key);
    return joined;
  }

  /** The name under which consumers take turns, so that one at a time reads. */
  get reading(): string {
    return JSON.stringify([this.group, this.topic]);
  }

  /** The name under which a key's events are done one at a time, also when parked ones are done again. */
  turn(key: string): string {
    return JSON.stringify([this.group, this.topic, key]);
  }

  parkedHere(entries: readonly ParkedEntry[], key: string): readonly ParkedEntry[] {
    return entries.filter((entry) => entry.topic === this.topic && entry.key === key);
  }
}
