import { describe, expect, test } from '@jest/globals';
import { GroupTopic } from './group-topic.ts';
import { MemoryTopicLog } from './memory-topic-log.ts';
import { OffsetKeeper } from './offset-keeper.ts';
import type { Offset } from './topic-log.ts';

/** A log whose commits wait until they are let through. */
class SlowLog extends MemoryTopicLog {
  readonly commits: number[] = [];
  readonly #waiting: { readonly let: () => void; readonly fail: (error: Error) => void }[] = [];

  override async commit(offset: Offset): Promise<void> {
    this.commits.push(offset.position);
    await new Promise<void>((resolve, reject) => this.#waiting.push({ let: resolve, fail: reject }));
    await super.commit(offset);
  }

  letOne(): void {
    this.#waiting.shift()?.let();
  }

  failOne(): void {
    this.#waiting.shift()?.fail(new Error('disk full'));
  }
}

const open = async () => {
  const log = new SlowLog();
  const place = await GroupTopic.join(log, 'group', 'topic');
  return { log, place, keeper: new OffsetKeeper(log, place) };
};
const tick = () => new Promise(setImmediate);

describe('an offset', () => {
  test('is written while others finish, which share the next write', async () => {
    const { log, place, keeper } = await open();
    for (const position of [1, 2, 3]) keeper.finish(position);
    expect([log.commits, place.progress.position]).toEqual([[1], 0]);
    log.letOne();
    await tick();
    expect([log.commits, place.progress.position]).toEqual([[1, 3], 1]);
    log.letOne();
    await keeper.settled();
    expect([log.commits, place.progress.position, await log.join('group', 'topic')]).toEqual([[1, 3], 3, 3]);
  });

  test('that cannot be written stops everything after it', async () => {
    const { log, place, keeper } = await open();
    keeper.finish(1);
    log.failOne();
    await expect(keeper.settled()).rejects.toThrow('disk full');
    expect(() => keeper.finish(2)).toThrow('disk full');
    expect([log.commits, place.progress.position]).toEqual([[1], 0]);
  });
});
