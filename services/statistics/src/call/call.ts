import { type Command, type Decider, type Decision, type FactOf, refuse, unreachable } from '@flexistream/kernel';
import type { Party } from '../people/party.ts';
import { type CallEvent, callEvents } from './events.ts';
import { decisive, type Termination } from './termination.ts';

export interface CallDevice {
  /** The integer that answers show. */
  readonly id: number;
  /** The random number that stands for the device id. */
  readonly device: number;
  readonly rangAt: string | null;
  readonly terminated: Termination | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** By the number of the device. */
type CallDevices = Readonly<Record<string, CallDevice>>;

export interface AnnouncedCall {
  readonly status: 'announced';
  readonly from: Party;
  readonly to: Party;
  readonly initiatedAt: string;
  readonly endedAt: string | null;
  readonly conferenceId: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly devices: CallDevices;
}

/** Reports may overtake the announcement: what they say is kept, and counts once it comes. Plain JSON: it is the view's document too. */
export type Call = { readonly status: 'unknown'; readonly devices: CallDevices } | AnnouncedCall;

export type CallCommand =
  | (Command & { readonly type: 'AnnounceCall'; readonly data: Omit<Announced, 'at'> })
  | (Command & {
      readonly type: 'ReportCallDevice';
      readonly data: { readonly device: number; readonly id: number; readonly rangAt?: string; readonly terminated?: Termination };
    })
  | (Command & { readonly type: 'EndCall'; readonly data: { readonly endedAt: string } });

type DataOf<T extends CallEvent['type']> = Extract<FactOf<typeof callEvents.types>, { type: T }>['data'];
type Announced = DataOf<'CallAnnounced'>;
type Reported = DataOf<'CallDeviceReported'>;
type Told = Pick<Reported, 'rangAt' | 'terminated'>;

export const unknownCall: Call = { status: 'unknown', devices: {} };

const evolve = (call: Call, event: CallEvent): Call => {
  switch (event.type) {
    case 'CallAnnounced':
      return call.status === 'unknown' ? announced(event.data, call.devices) : call;
    case 'CallDeviceReported':
      return { ...call, devices: { ...call.devices, [event.data.device]: deviceAfter(call.devices[event.data.device], event.data) } };
    case 'CallEnded':
      return call.status === 'announced' ? ended(call, event.data) : call; // `decide` states it of announced calls only
    default:
      return call;
  }
};

const announced = ({ from, to, initiatedAt, endedAt, conferenceId, at }: Announced, devices: CallDevices): Call => ({
  status: 'announced',
  from,
  to,
  initiatedAt,
  endedAt,
  conferenceId,
  createdAt: at,
  updatedAt: at,
  devices,
});

const ended = (call: AnnouncedCall, { endedAt, at }: DataOf<'CallEnded'>): Call => ({
  ...call,
  endedAt: earliest(call.endedAt, endedAt),
  updatedAt: latest(call.updatedAt, at),
});

const deviceAfter = (before: CallDevice | undefined, { device, id, rangAt, terminated, at }: Reported): CallDevice => ({
  id: before?.id ?? id ?? 0,
  device,
  rangAt: earliest(before?.rangAt ?? null, rangAt ?? null),
  terminated: last(before?.terminated ?? null, terminated ?? null),
  createdAt: before?.createdAt ?? at,
  updatedAt: latest(before?.updatedAt ?? at, at),
});

const earliest = (one: string | null, other: string | null): string | null =>
  one === null || other === null ? (one ?? other) : one < other ? one : other;
const latest = (one: string, other: string): string => (one > other ? one : other);
const last = (one: Termination | null, other: Termination | null): Termination | null =>
  one === null || other === null ? (one ?? other) : decisive(one, other);

const decide = (command: CallCommand, call: Call): Decision<CallEvent> => {
  switch (command.type) {
    case 'AnnounceCall':
      return announce(command, call);
    case 'ReportCallDevice':
      return report(command, call);
    case 'EndCall':
      return end(command, call);
    default:
      return unreachable(command);
  }
};

type CommandOf<T extends CallCommand['type']> = Extract<CallCommand, { type: T }>;

const announce = ({ data, now }: CommandOf<'AnnounceCall'>, call: Call): Decision<CallEvent> =>
  call.status === 'announced' ? refuse('call_known') : [{ type: 'CallAnnounced', data: { ...data, at: now } }];

const report = ({ data: { id, ...told }, now }: CommandOf<'ReportCallDevice'>, call: Call): Decision<CallEvent> => {
  const before = call.devices[told.device];
  if (before !== undefined && saysNothingNew(before, told)) return [];
  return [{ type: 'CallDeviceReported', data: { ...told, ...(before === undefined ? { id } : {}), at: now } }];
};

const saysNothingNew = (device: CallDevice, { rangAt, terminated }: Told): boolean =>
  earliest(device.rangAt, rangAt ?? null) === device.rangAt && sameEnd(last(device.terminated, terminated ?? null), device.terminated);

const sameEnd = (one: Termination | null, other: Termination | null): boolean => one?.at === other?.at && one?.state === other?.state;

const end = ({ data: { endedAt }, now }: CommandOf<'EndCall'>, call: Call): Decision<CallEvent> => {
  if (call.status === 'unknown') return refuse('call_unknown');
  return earliest(call.endedAt, endedAt) === call.endedAt ? [] : [{ type: 'CallEnded', data: { endedAt, at: now } }];
};

/** One call as a Flexisip server reports it. Reports merge in any order and any number: none is refused for having come early or twice. */
export const callDecider: Decider<Call, CallCommand, CallEvent> = { initial: unknownCall, events: callEvents, evolve, decide };
