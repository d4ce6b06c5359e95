import { type Command, type Decider, type Decision, type FactOf, refuse, unreachable } from '@flexistream/kernel';
import type { Party } from '../people/party.ts';
import { type Delivery, decisive } from './delivery.ts';
import { type MessageEvent, messageEvents } from './events.ts';

export interface MessageDevice extends Delivery {
  /** The integer that answers show. */
  readonly id: number;
  readonly to: Party;
  /** The random number that stands for the device id. */
  readonly device: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** By recipient and device: `deviceKey`. */
type MessageDevices = Readonly<Record<string, MessageDevice>>;

/** Reports may overtake the announcement, or come without one: the devices of a group chat do (spec statistics.md §11.3). */
export type Message =
  | { readonly status: 'unknown'; readonly devices: MessageDevices }
  | {
      readonly status: 'announced';
      readonly from: Party;
      readonly sentAt: string;
      readonly encrypted: boolean;
      readonly conferenceId: string | null;
      readonly createdAt: string;
      readonly devices: MessageDevices;
    };

export type MessageCommand =
  | (Command & { readonly type: 'AnnounceMessage'; readonly data: Omit<Announced, 'at'> })
  | (Command & {
      readonly type: 'ReportMessageDevice';
      readonly data: Delivery & { readonly to: Party; readonly device: number; readonly id: number };
    });

type DataOf<T extends MessageEvent['type']> = Extract<FactOf<typeof messageEvents.types>, { type: T }>['data'];
type Announced = DataOf<'MessageAnnounced'>;
type Reported = DataOf<'MessageDeviceReported'>;

const unknownMessage: Message = { status: 'unknown', devices: {} };

export const deviceKey = (to: Party, device: number): string => `${to.address}/${device}`;

const evolve = (message: Message, event: MessageEvent): Message => {
  switch (event.type) {
    case 'MessageAnnounced':
      return message.status === 'unknown' ? announced(event.data, message.devices) : message;
    case 'MessageDeviceReported': {
      const key = deviceKey(event.data.to, event.data.device);
      return { ...message, devices: { ...message.devices, [key]: deviceAfter(message.devices[key], event.data) } };
    }
    default:
      return message;
  }
};

const announced = ({ from, sentAt, encrypted, conferenceId, at }: Announced, devices: MessageDevices): Message => ({
  status: 'announced',
  from,
  sentAt,
  encrypted,
  conferenceId,
  createdAt: at,
  devices,
});

const deviceAfter = (before: MessageDevice | undefined, { to, device, id, lastStatus, receivedAt, at }: Reported): MessageDevice => ({
  id: before?.id ?? id ?? 0,
  to,
  device,
  ...deliveryAfter(before, { lastStatus, receivedAt }),
  createdAt: before?.createdAt ?? at,
  updatedAt: before === undefined || before.updatedAt < at ? at : before.updatedAt,
});

const deliveryAfter = (before: Delivery | undefined, told: Delivery): Delivery => {
  const { lastStatus, receivedAt } = before === undefined ? told : decisive(before, told);
  return { lastStatus, receivedAt };
};

const decide = (command: MessageCommand, message: Message): Decision<MessageEvent> => {
  switch (command.type) {
    case 'AnnounceMessage':
      return announce(command, message);
    case 'ReportMessageDevice':
      return report(command, message);
    default:
      return unreachable(command);
  }
};

type CommandOf<T extends MessageCommand['type']> = Extract<MessageCommand, { type: T }>;

const announce = ({ data, now }: CommandOf<'AnnounceMessage'>, message: Message): Decision<MessageEvent> =>
  message.status === 'announced' ? refuse('message_known') : [{ type: 'MessageAnnounced', data: { ...data, at: now } }];

const report = ({ data: { id, ...told }, now }: CommandOf<'ReportMessageDevice'>, message: Message): Decision<MessageEvent> => {
  const before = message.devices[deviceKey(told.to, told.device)];
  if (before !== undefined && saysNothingNew(before, told)) return [];
  return [{ type: 'MessageDeviceReported', data: { ...told, ...(before === undefined ? { id } : {}), at: now } }];
};

const saysNothingNew = (device: MessageDevice, told: Delivery): boolean => {
  const { lastStatus, receivedAt } = decisive(device, told);
  return lastStatus === device.lastStatus && receivedAt === device.receivedAt;
};

/** One message as a Flexisip server reports it. Reports merge in any order and any number: none is refused for having come early or twice. */
export const messageDecider: Decider<Message, MessageCommand, MessageEvent> = {
  initial: unknownMessage,
  events: messageEvents,
  evolve,
  decide,
};
