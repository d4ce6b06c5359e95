import { status } from '@grpc/grpc-js';
import { describe, expect, test } from '@jest/globals';
import { connectEventStoreDb } from './connection.ts';
import { asUnavailable, failureOf } from './failures.ts';

describe('what EventStoreDB answers', () => {
  test.each([
    ['to wrong credentials', { code: status.UNAUTHENTICATED }],
    ['to a user without the right', { code: status.PERMISSION_DENIED }],
    ['as its own exception', { code: status.UNKNOWN, type: 'access-denied' }],
  ])('%s is told from an outage by its cause', (_, answer) => {
    const failure = asUnavailable(failureOf(Object.assign(new Error('of the server'), answer)));
    expect(failure).toMatchObject({ code: 'unavailable', cause: { code: 'event-store/refused' } });
  });

  test('when it is away is no refusal', () => {
    const failure = asUnavailable(failureOf(Object.assign(new Error('of the network'), { code: status.UNAVAILABLE })));
    expect(failure.cause).not.toHaveProperty('code');
  });

  test('is never asked at an address that is none, and that is not quoted', () => {
    const address = 'esdb://me:a-secret@';
    expect(() => connectEventStoreDb(address)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('a-secret') }));
  });
});
