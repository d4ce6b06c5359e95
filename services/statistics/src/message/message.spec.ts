import { fold, isRefusal } from '@flexistream/kernel';
import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MessageEvent } from './events.ts';
import { deviceKey, type Message, type MessageCommand, messageDecider } from './message.ts';

const message = specFor(messageDecider);

const now = '2026-03-12T14:53:30.000Z';
const at = (second: number): string => `2026-03-12T14:53:${String(second).padStart(2, '0')}.000Z`;
const tony = { address: 11, domain: 'sip.example.org' };
const mike = { address: 12, domain: 'sip.example.org' };
const phone = deviceKey(mike, 21);

const details = { from: tony, sentAt: at(22), encrypted: false, conferenceId: 'room-1', recipients: [{ to: mike, devices: [21] }] };
const announce: MessageCommand = { type: 'AnnounceMessage', data: details, now };
const announced: MessageEvent = { type: 'MessageAnnounced', data: { ...details, at: now } };
const reports = (lastStatus: number, second: number, to = mike, device = 21): MessageCommand => ({
  type: 'ReportMessageDevice',
  data: { to, device, id: device + to.address, lastStatus, receivedAt: at(second) },
  now,
});
const reported = (lastStatus: number, second: number): MessageEvent => ({
  type: 'MessageDeviceReported',
  data: { to: mike, device: 21, id: 33, lastStatus, receivedAt: at(second), at: now },
});

describe('announcing a message', () => {
  test('states it with all that a Flexisip server tells', () => message.given().when(announce).then(announced));
  test('is taken after the reports of its devices', () => message.given(reported(200, 23)).when(announce).then(announced));
  test('is refused a second time, whatever it says', () =>
    message
      .given(announced)
      .when({ ...announce, data: { ...details, encrypted: true } })
      .thenRefused('message_known'));
});

describe('a report of a device', () => {
  test('is taken of a message that nobody announced', () => message.given().when(reports(200, 23)).then(reported(200, 23)));
  test('gives the device its id once', () =>
    message
      .given(reported(503, 23))
      .when(reports(200, 24))
      .then({ type: 'MessageDeviceReported', data: { to: mike, device: 21, lastStatus: 200, receivedAt: at(24), at: now } }));
  test('changes nothing when it is repeated', () => message.given(reported(200, 23)).when(reports(200, 23)).thenNothing());
  test('is of another device when it is for somebody else', () =>
    message
      .given(reported(200, 23))
      .when(reports(503, 24, tony))
      .thenState(({ devices }) => {
        expect(Object.keys(devices)).toHaveLength(2);
        expect(devices[phone]?.lastStatus).toBe(200);
      }));

  const status = (given: MessageEvent, command: MessageCommand, expected: number) =>
    message
      .given(given)
      .when(command)
      .thenState(({ devices }) => expect(devices[phone]?.lastStatus).toBe(expected));
  test('that is delivered when the phone is back outdates the failure', () => status(reported(503, 23), reports(200, 40), 200));
  test('never goes back from delivered to an older failure', () => status(reported(200, 40), reports(503, 23), 200));
  test('that failed later stands', () => status(reported(200, 40), reports(603, 41), 603));
  test('of the same second: delivered outweighs failed', () => {
    status(reported(200, 40), reports(503, 40), 200);
    status(reported(503, 40), reports(200, 40), 200);
  });
  test('of the same second: received outweighs accepted for later', () => {
    status(reported(200, 40), reports(202, 40), 200);
    status(reported(202, 40), reports(200, 40), 200);
  });
});

test('an event of a newer release changes nothing', () => {
  const stranger = { type: 'MessagePraised', data: {} } as unknown as MessageEvent;
  expect(fold(messageDecider, [announced, stranger])).toEqual(fold(messageDecider, [announced]));
});

test('reports in any order and any number end in the same state', () => {
  const report = fc
    .record({
      to: fc.constantFrom(tony, mike),
      device: fc.integer({ min: 21, max: 22 }),
      status: fc.constantFrom(200, 202, 408, 481, 503, 603),
      second: fc.integer({ min: 0, max: 4 }),
    })
    .map(({ to, device, status, second }) => reports(status, second, to, device));
  const hear = (commands: readonly MessageCommand[]): Message =>
    commands.reduce((heard, command) => {
      const decision = messageDecider.decide(command, heard);
      return isRefusal(decision) ? heard : decision.reduce(messageDecider.evolve, heard);
    }, messageDecider.initial);
  const orders = fc.array(report, { maxLength: 8 }).chain((some) => {
    const told = [announce, ...some];
    const again = fc.subarray(told).chain((twice) => fc.shuffledSubarray([...told, ...twice], { minLength: told.length + twice.length }));
    return fc.record({ told: fc.constant(told), again });
  });
  fc.assert(fc.property(orders, ({ told, again }) => expect(hear(again)).toEqual(hear(told))));
});
