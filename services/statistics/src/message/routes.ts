import { boolean, Failure, integer, isoDate, momentOf, one, parse } from '@flexistream/http';
import { handle, isoMoment, isRefusal, type Sequence } from '@flexistream/kernel';
import type { HandlersOf, Ports } from '@flexistream/service-host';
import { announce } from '../announce.ts';
import { address, conferenceId, id, pathAndBody } from '../fields.ts';
import { knownRecipients } from '../known-members.ts';
import type { People } from '../people/people.ts';
import { deviceKey, type MessageCommand, type MessageDevice, messageDecider } from './message.ts';

export interface MessageParts {
  readonly ports: Pick<Ports, 'journal'>;
  readonly people: People;
  readonly deviceIds: Sequence;
}

type MessageRoutes = Pick<HandlersOf<'statistics'>, 'announceMessage' | 'reportMessageDevice'>;

const announcedMessage = {
  id,
  from: address,
  sent_at: isoDate({ required: true }),
  encrypted: boolean({ required: true }),
  conference_id: conferenceId,
};
const reportedDevice = pathAndBody(['message_id', 'to', 'device_id'], {
  last_status: integer({ required: true }),
  received_at: isoDate({ required: true }),
});

const messageStream = (message: string): string => `message-${message}`;

/** What a Flexisip server tells of a message (spec statistics.md §2, §8). Answers follow from the message's own state, never from a view. */
export const messageRoutes = ({ ports: { journal }, people, deviceIds }: MessageParts): MessageRoutes => ({
  announceMessage: async ({ body, context }) => {
    const { id: message, from, sent_at, encrypted, conference_id } = parse(announcedMessage, body);
    const recipients = await Promise.all(
      knownRecipients(body.to).map(async ({ to, devices }) => ({
        to: await people.party(to, context),
        devices: await people.devices(devices),
      })),
    );
    const command: MessageCommand = {
      type: 'AnnounceMessage',
      data: {
        from: await people.party(from, context),
        sentAt: isoMoment(sent_at),
        encrypted,
        conferenceId: conference_id ?? null,
        recipients: recipients.map(({ to, devices }) => ({ to, devices: [...devices] })),
      },
      now: context.at,
    };
    const before = async () => {
      await Promise.all(recipients.map(({ to, devices }) => people.give(devices, to)));
    };
    const refusal = await announce({ journal, decider: messageDecider, stream: messageStream(message), command, context, before });
    if (refusal !== undefined) throw new Failure(400, { key: 'database_error' });
    return one();
  },

  reportMessageDevice: async (call) => {
    const { message_id, to: recipient, device_id, last_status, received_at } = reportedDevice(call);
    const { context } = call;
    const [to, device] = await Promise.all([people.party(recipient, context), people.device(device_id)]);
    await people.give([device], to);
    const command: MessageCommand = {
      type: 'ReportMessageDevice',
      data: { to, device, id: await deviceIds.next(context), lastStatus: last_status, receivedAt: isoMoment(received_at) },
      now: context.at,
    };
    const handled = await handle(journal, messageDecider, messageStream(message_id), command, { context });
    const known = isRefusal(handled) ? undefined : handled.state.devices[deviceKey(to, device)];
    if (isRefusal(handled) || known === undefined) throw new Error('a report of a device was refused');
    const first = handled.events.some(({ type, data }) => type === 'MessageDeviceReported' && data.id !== undefined);
    return { status: first ? 201 : 200, json: reportAnswer(message_id, recipient, device_id, known) };
  },
});

/** Spec statistics.md §4.2. */
const reportAnswer = (
  message: string,
  { username, domain }: { readonly username: string; readonly domain: string },
  device: string,
  { id, lastStatus, receivedAt, createdAt, updatedAt }: MessageDevice,
) => ({
  message_id: message,
  to_username: username.toLowerCase(),
  to_domain: domain,
  device_id: device,
  last_status: lastStatus,
  received_at: momentOf(receivedAt),
  updated_at: momentOf(updatedAt),
  created_at: momentOf(createdAt),
  id,
});
