import { viewSpec } from '@flexistream/read-models/spec';
import { describe, test } from '@jest/globals';
import { creationTokenView } from './view.ts';

const at = '2026-01-01T00:00:00.000Z';
const later = '2026-01-01T00:00:01.000Z';
const on = <F extends object>(fact: F, stream = 'creationtoken-0f0f') => ({ ...fact, stream });
const made = on({ type: 'CreationTokenMade', data: { origin: 'admin', at, personal: { ip: '203.0.113.5', userAgent: null } } });
const erased = on({ type: 'CreationTokenMade', data: { origin: 'admin', at, personal: 'erased' } });
const reserved = on({ type: 'CreationTokenReserved', data: { accountId: 7, at: later } });
const released = on({ type: 'CreationTokenReleased', data: { accountId: 7, at: later } });
const used = on({ type: 'CreationTokenUsed', data: { accountId: 7, at: later } });
const lapsed = on({ type: 'CreationTokenLapsed', data: { at: later } });

const unused = { tokenId: '0f0f', at };
const reservation = { tokenId: '0f0f', accountId: 7, at: later };

describe('what the sweeps go through', () => {
  const view = viewSpec(creationTokenView);
  test('holds a token that nobody used', () => view.given(made).then('unused', '0f0f', unused));
  test('takes nothing from what may be erased', () => view.given(erased).then('unused', '0f0f', unused));
  test('holds an open reservation, of a token that is still unused', async () => {
    await view.given(made, reserved).then('reservations', '0f0f', reservation);
    await view.given(made, reserved).then('unused', '0f0f', unused);
  });
  test('holds no reservation that was given back', async () => {
    await view.given(made, reserved, released).thenAll('reservations');
    await view.given(made, reserved, released).thenAll('unused', unused);
  });
  test('holds a used token with its account only', async () => {
    await view.given(made, reserved, used).thenAll('used', { tokenId: '0f0f', accountId: 7 });
    await view.given(made, reserved, used).thenAll('reservations');
    await view.given(made, reserved, used).thenAll('unused');
  });
  test('holds nothing of a token that is forgotten', async () => {
    await view.given(made, lapsed).thenAll('unused');
    await view.given(made, lapsed).thenAll('used');
  });
  test('keeps tokens apart', () => view.given(made, on(made, 'creationtoken-1e1e'), used).thenAll('unused', { tokenId: '1e1e', at }));
});
