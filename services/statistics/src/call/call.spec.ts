import { fold, isRefusal } from '@flexistream/kernel';
import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Call, type CallCommand, callDecider } from './call.ts';
import type { CallEvent } from './events.ts';

const call = specFor(callDecider);

const now = '2026-03-12T14:53:30.000Z';
const at = (second: number): string => `2026-03-12T14:53:${String(second).padStart(2, '0')}.000Z`;
const tony = { address: 11, domain: 'sip.example.org' };
const mike = { address: 12, domain: 'sip.example.org' };

const details = {
  from: tony,
  to: mike,
  initiatedAt: at(22),
  endedAt: null,
  conferenceId: null,
  sipCallId: 'b2VhUjZ0bQ',
  devices: [21],
};
const announce: CallCommand = { type: 'AnnounceCall', data: details, now };
const announced: CallEvent = { type: 'CallAnnounced', data: { ...details, at: now } };
const rings = (second: number, device = 21): CallCommand => ({
  type: 'ReportCallDevice',
  data: { device, id: 1, rangAt: at(second) },
  now,
});
const rang = (second: number): CallEvent => ({ type: 'CallDeviceReported', data: { device: 21, id: 1, rangAt: at(second), at: now } });
const terminates = (second: number, state: string, device = 21): CallCommand => ({
  type: 'ReportCallDevice',
  data: { device, id: 1, terminated: { at: at(second), state } },
  now,
});
const terminated = (second: number, state: string): CallEvent => ({
  type: 'CallDeviceReported',
  data: { device: 21, id: 1, terminated: { at: at(second), state }, at: now },
});
const end = (second: number): CallCommand => ({ type: 'EndCall', data: { endedAt: at(second) }, now });
const ended = (second: number): CallEvent => ({ type: 'CallEnded', data: { endedAt: at(second), at: now } });

describe('announcing a call', () => {
  test('states it with all that a Flexisip server tells', () => call.given().when(announce).then(announced));
  test('is taken after the reports of its devices', () => call.given(rang(23)).when(announce).then(announced));
  test('is refused a second time, whatever it says', () =>
    call
      .given(announced)
      .when({ ...announce, data: { ...details, initiatedAt: at(1) } })
      .thenRefused('call_known'));
  test('keeps the end that it came with', () =>
    call
      .given()
      .when({ ...announce, data: { ...details, endedAt: at(40) } })
      .thenState((state) => expect(state).toMatchObject({ status: 'announced', endedAt: at(40) })));
});

describe('a report of a device', () => {
  test('is taken of a call that nobody announced', () => call.given().when(rings(23)).then(rang(23)));
  test('gives the device its id once', () =>
    call
      .given(rang(23))
      .when({ type: 'ReportCallDevice', data: { device: 21, id: 7, terminated: { at: at(40), state: 'accepted' } }, now })
      .then({ type: 'CallDeviceReported', data: { device: 21, terminated: { at: at(40), state: 'accepted' }, at: now } }));
  test('that says nothing makes the device known', () =>
    call
      .given(announced)
      .when({ type: 'ReportCallDevice', data: { device: 21, id: 1 }, now })
      .then({ type: 'CallDeviceReported', data: { device: 21, id: 1, at: now } }));
  test('changes nothing when it is repeated', () => call.given(announced, rang(23)).when(rings(23)).thenNothing());
  test('of a later ringing changes nothing', () => call.given(rang(23)).when(rings(24)).thenNothing());
  test('of an earlier ringing counts', () =>
    call
      .given(rang(24))
      .when(rings(23))
      .thenState(({ devices }) => expect(devices[21]?.rangAt).toBe(at(23))));
  test('of the termination does not forget the ringing', () =>
    call
      .given(rang(23))
      .when(terminates(40, 'declined'))
      .thenState(({ devices }) => expect(devices[21]).toMatchObject({ rangAt: at(23), terminated: { at: at(40), state: 'declined' } })));
  test('of a later termination counts', () =>
    call
      .given(terminated(40, 'accepted'))
      .when(terminates(41, 'canceled'))
      .thenState(({ devices }) => expect(devices[21]?.terminated).toEqual({ at: at(41), state: 'canceled' })));
  test('of an earlier termination changes nothing', () =>
    call.given(terminated(41, 'canceled')).when(terminates(40, 'accepted')).thenNothing());
  test.each([
    ['accepted', 'declined'],
    ['declined', 'error'],
    ['error', 'canceled'],
    ['canceled', 'accepted_elsewhere'],
    ['accepted_elsewhere', 'declined_elsewhere'],
    ['declined_elsewhere', 'something new'],
    ['a', 'b'],
  ])('of the same moment: %s outweighs %s', (strong, weak) => {
    call.given(terminated(40, strong)).when(terminates(40, weak)).thenNothing();
    call
      .given(terminated(40, weak))
      .when(terminates(40, strong))
      .thenState(({ devices }) => expect(devices[21]?.terminated?.state).toBe(strong));
  });
  test('is taken after the call ended', () => call.given(announced, ended(50)).when(rings(55)).then(rang(55)));
});

describe('ending a call', () => {
  test('states the end', () => call.given(announced).when(end(50)).then(ended(50)));
  test('is refused while nobody announced it', () => call.given(rang(23)).when(end(50)).thenRefused('call_unknown'));
  test('a second time changes nothing', () => call.given(announced, ended(50)).when(end(50)).thenNothing());
  test('later changes nothing', () => call.given(announced, ended(50)).when(end(51)).thenNothing());
  test('earlier counts', () =>
    call
      .given(announced, ended(50))
      .when(end(49))
      .thenState((state) => expect(state).toMatchObject({ endedAt: at(49) })));
});

test('an event of a newer release changes nothing', () => {
  const stranger = { type: 'CallPraised', data: {} } as unknown as CallEvent;
  expect(fold(callDecider, [announced, stranger])).toEqual(fold(callDecider, [announced]));
});

describe('reports in any order and any number', () => {
  const second = fc.integer({ min: 0, max: 5 });
  const state = fc.constantFrom('accepted', 'declined', 'error', 'canceled', 'accepted_elsewhere', 'declined_elsewhere', 'unheard of');
  /** The id is the device's: which of its reports comes first must not matter for what is compared. */
  const report = fc
    .record({ device: fc.integer({ min: 1, max: 3 }), rings: fc.option(second), ends: fc.option(fc.record({ second, state })) })
    .map(
      ({ device, rings, ends }): CallCommand => ({
        type: 'ReportCallDevice',
        data: {
          device,
          id: device,
          ...(rings === null ? {} : { rangAt: at(rings) }),
          ...(ends === null ? {} : { terminated: { at: at(ends.second), state: ends.state } }),
        },
        now,
      }),
    );
  const reports = fc.array(report, { maxLength: 8 });
  const ends = fc.array(second.map(end), { maxLength: 3 });
  const shuffled = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length });

  /** As the service does it: a refused announcement is dropped, the end of an unknown call is kept for the announcement. */
  const hear = (commands: readonly CallCommand[]): Call => {
    let heard: Call = callDecider.initial;
    const kept: CallCommand[] = [];
    const tell = (command: CallCommand): void => {
      const decision = callDecider.decide(command, heard);
      if (!isRefusal(decision)) heard = decision.reduce(callDecider.evolve, heard);
      else if (command.type === 'EndCall') kept.push(command);
    };
    for (const command of commands) {
      tell(command);
      if (command.type === 'AnnounceCall') for (const late of kept) tell(late);
    }
    return heard;
  };

  test('end in the same state', () => {
    const orders = fc.tuple(reports, ends).chain(([some, over]) => {
      const told = [announce, ...some, ...over];
      return fc.record({ told: fc.constant(told), again: fc.subarray(told).chain((twice) => shuffled([...told, ...twice])) });
    });
    fc.assert(fc.property(orders, ({ told, again }) => expect(hear(again)).toEqual(hear(told))));
  });
});
