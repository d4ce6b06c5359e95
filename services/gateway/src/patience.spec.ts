import { Unavailable } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import { Patience } from './patience.ts';
import { byKey, openPopulated } from './spec-support/population.ts';

const failing = (times: number, error: Error = new Unavailable('down')) => {
  let tries = 0;
  return async (): Promise<number> => {
    if (tries++ < times) throw error;
    return tries;
  };
};

describe('patience', () => {
  test('tries again until it can be served', async () => expect(await new Patience().persist(10, failing(2))).toBe(3));

  test('ends with what it holds in mind', async () => {
    const patience = new Patience();
    await expect(patience.persist(10, failing(1000), { holdMs: 200 })).rejects.toThrow(Unavailable);
    expect(patience.heldBytes).toBe(0);
  });

  test('is for outages only', () => expect(new Patience().persist(1, failing(1, new Error('bug')))).rejects.toThrow('bug'));

  test('holds no more than its limit', async () => {
    const patience = new Patience({ limitBytes: 10 });
    const held = patience.persist(10, failing(1));
    await expect(patience.persist(1, failing(1))).rejects.toThrow(Unavailable);
    expect(await held).toBe(2);
  });
});

describe('the doors of Flexisip', () => {
  test('hold a request while its owner cannot be reached, as one command', async () => {
    const handler = failing(2);
    await using gateway = await openPopulated({
      handlers: { announceCall: async () => handler().then(() => ({ status: 200, text: '1' })) },
    });
    const answer = await gateway.send('/api/statistics/calls', { method: 'POST', headers: byKey('admin'), body: '{}' });
    expect([answer.status, answer.text]).toEqual([200, '1']);
    expect(gateway.calls).toHaveLength(3);
    expect(new Set(gateway.calls.map(({ context }) => context.id)).size).toBe(1);
  });

  test('go on for five minutes with a key that was good', async () => {
    await using gateway = await openPopulated();
    const announce = () => gateway.send('/api/statistics/calls', { method: 'POST', headers: byKey('admin'), body: '{}' });
    expect((await announce()).status).toBe(200);
    gateway.backend.down = true;
    gateway.clock.advance(299_000);
    expect((await announce()).status).toBe(200);
    expect((await gateway.send('/api/accounts', { headers: byKey('admin') })).status).toBe(503);
    gateway.clock.advance(2000);
    const held = announce();
    while (gateway.backend.asked.length < 12) await new Promise(setImmediate);
    gateway.backend.down = false;
    expect((await held).status).toBe(200);
  });
});
