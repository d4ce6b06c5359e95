import { expect, test } from '@jest/globals';
import { ReadYourWrites } from './read-your-writes.ts';
import type { AnyService } from './service.ts';

const serviceOf = (handler: () => Promise<unknown>) => ({ handlers: { ping: handler } }) as unknown as AnyService;
const call = (service: AnyService) => (service.handlers.ping as unknown as (call: object) => Promise<unknown>)({});

test('an answer waits until every view has reached the last position that its command wrote', async () => {
  const writes = new ReadYourWrites();
  const asked: number[] = [];
  const view = Promise.withResolvers<void>();
  const follower = {
    whenReached: (position: number) => {
      asked.push(position);
      return view.promise;
    },
  };
  const service = writes.wrap(
    serviceOf(async () => {
      await Promise.resolve();
      writes.note(7);
      writes.note(5);
      return 'answer';
    }),
    [follower],
  );
  let answered = false;
  const answer = call(service).then((text) => {
    answered = true;
    return text;
  });
  while (asked.length === 0) await new Promise(setImmediate);
  expect([asked, answered]).toEqual([[7], false]);
  view.resolve();
  expect(await answer).toBe('answer');
});

test('an answer that wrote nothing waits for nothing', async () => {
  const never = { whenReached: () => new Promise<void>(() => {}) };
  expect(
    await call(
      new ReadYourWrites().wrap(
        serviceOf(async () => 'answer'),
        [never],
      ),
    ),
  ).toBe('answer');
});

test('a view that does not come up holds an answer for a second at most', async () => {
  const writes = new ReadYourWrites();
  const never = { whenReached: () => new Promise<void>(() => {}) };
  const service = writes.wrap(
    serviceOf(async () => {
      writes.note(1);
      return 'answer';
    }),
    [never],
  );
  expect(await call(service)).toBe('answer');
});
