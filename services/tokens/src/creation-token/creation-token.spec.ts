import { specFor } from '@flexistream/kernel/spec';
import { describe, test } from '@jest/globals';
import { type CreationTokenCommand, creationTokenDecider } from './creation-token.ts';
import type { CreationTokenEvent } from './events.ts';

const at = '2026-01-01T00:00:00.000Z';
const inAnHour = '2026-01-01T01:00:00.000Z';
const soonAfterAnHour = '2026-01-01T01:00:00.001Z';
const inADayAndAnHour = '2026-01-02T01:00:00.000Z';
const soonAfterADayAndAnHour = '2026-01-02T01:00:00.001Z';

const made: CreationTokenEvent = {
  type: 'CreationTokenMade',
  data: { origin: 'admin', at, personal: { ip: '203.0.113.5', userAgent: null } },
};
const erased: CreationTokenEvent = { type: 'CreationTokenMade', data: { origin: 'admin', at, personal: 'erased' } };
const reserved = (accountId: number, when = at): CreationTokenEvent => ({ type: 'CreationTokenReserved', data: { accountId, at: when } });
const released = (accountId: number): CreationTokenEvent => ({ type: 'CreationTokenReleased', data: { accountId, at } });
const used = (accountId: number): CreationTokenEvent => ({ type: 'CreationTokenUsed', data: { accountId, at } });
const lapsed = (when: string): CreationTokenEvent => ({ type: 'CreationTokenLapsed', data: { at: when } });

const make: CreationTokenCommand = { type: 'MakeCreationToken', data: { ip: '203.0.113.5', userAgent: null }, now: at };
const reserve = (accountId: number, now = at, lifetimeMinutes = 0): CreationTokenCommand => ({
  type: 'ReserveCreationToken',
  data: { accountId, lifetimeMinutes },
  now,
});
const release = (accountId: number): CreationTokenCommand => ({ type: 'ReleaseCreationToken', data: { accountId }, now: at });
const markUsed = (accountId: number): CreationTokenCommand => ({ type: 'MarkCreationTokenUsed', data: { accountId }, now: at });
const lapse = (now: string, lifetimeMinutes = 60): CreationTokenCommand => ({ type: 'LapseCreationToken', data: { lifetimeMinutes }, now });

const token = specFor(creationTokenDecider);

describe('making a creation token', () => {
  test('is done once', () => token.given().when(make).then(made));
  test('is refused where one is', () => {
    for (const past of [[made], [erased], [made, reserved(7)], [made, used(7)], [made, lapsed(at)]]) {
      token
        .given(...past)
        .when(make)
        .thenRefused('token_exists');
    }
  });
});

describe('reserving a creation token', () => {
  test('holds it for one account', () => token.given(made).when(reserve(7)).then(reserved(7)));
  test('does not need what is erased of it', () => token.given(erased).when(reserve(7)).then(reserved(7)));
  test('for the same account again changes nothing', () => {
    token.given(made, reserved(7)).when(reserve(7)).thenNothing();
    token.given(made, reserved(7), used(7)).when(reserve(7)).thenNothing();
  });
  test('is refused to a second account', () => {
    token.given(made, reserved(7)).when(reserve(8)).thenRefused('token_taken');
    token.given(made, reserved(7), used(7)).when(reserve(8)).thenRefused('token_taken');
  });
  test('is refused of a token that is unknown or forgotten', () => {
    token.given().when(reserve(7)).thenRefused('token_unknown');
    token.given(made, lapsed(at)).when(reserve(7)).thenRefused('token_unknown');
  });
  test('is possible for its lifetime, to the millisecond', () => {
    token
      .given(made)
      .when(reserve(7, inAnHour, 60))
      .then(reserved(7, inAnHour));
    token
      .given(made)
      .when(reserve(7, soonAfterAnHour, 60))
      .thenRefused('token_expired');
  });
  test('is possible for ever with a lifetime of 0', () =>
    token
      .given(made)
      .when(reserve(7, '2099-01-01T00:00:00.000Z', 0))
      .then(reserved(7, '2099-01-01T00:00:00.000Z')));
  test('once more after its lifetime is still a repeat', () =>
    token
      .given(made, reserved(7))
      .when(reserve(7, soonAfterAnHour, 60))
      .thenNothing());
});

describe('releasing a creation token', () => {
  test('makes it free', () => {
    token.given(made, reserved(7)).when(release(7)).then(released(7));
    token.given(made, reserved(7), released(7)).when(reserve(8)).then(reserved(8));
  });
  test('by another account changes nothing', () => token.given(made, reserved(7)).when(release(8)).thenNothing());
  test('that is free, used or unknown changes nothing', () => {
    for (const past of [[], [made], [made, reserved(7), used(7)], [made, reserved(7), released(7)]]) {
      token
        .given(...past)
        .when(release(7))
        .thenNothing();
    }
  });
});

describe('using a creation token', () => {
  test('ends it', () => token.given(made, reserved(7)).when(markUsed(7)).then(used(7)));
  test('twice changes nothing', () => token.given(made, reserved(7), used(7)).when(markUsed(7)).thenNothing());
  test('by an account that is there although the token is free: this log is the older one', () =>
    token.given(made).when(markUsed(7)).then(used(7)));
  test('that another account holds or has used changes nothing', () => {
    token.given(made, reserved(8)).when(markUsed(7)).thenNothing();
    token.given(made, reserved(8), used(8)).when(markUsed(7)).thenNothing();
  });
  test('that is unknown or forgotten changes nothing', () => {
    token.given().when(markUsed(7)).thenNothing();
    token.given(made, lapsed(at)).when(markUsed(7)).thenNothing();
  });
});

describe('forgetting a creation token', () => {
  test('comes a day after it expired', () => {
    token.given(made).when(lapse(inADayAndAnHour)).thenNothing();
    token.given(made).when(lapse(soonAfterADayAndAnHour)).then(lapsed(soonAfterADayAndAnHour));
  });
  test('comes for those that were given back too', () =>
    token.given(made, reserved(7), released(7)).when(lapse(soonAfterADayAndAnHour)).then(lapsed(soonAfterADayAndAnHour)));
  test('never comes with a lifetime of 0', () => token.given(made).when(lapse('2099-01-01T00:00:00.000Z', 0)).thenNothing());
  test('never comes for one that is held or used', () => {
    token.given(made, reserved(7)).when(lapse(soonAfterADayAndAnHour)).thenNothing();
    token.given(made, used(7)).when(lapse(soonAfterADayAndAnHour)).thenNothing();
  });
  test('comes once', () => token.given(made, lapsed(at)).when(lapse(soonAfterADayAndAnHour)).thenNothing());
});
