import { Failure, isoDate, nested, notFound, ok, one, parse, text } from '@flexistream/http';
import { type CommandContext, derived, handle, isoMoment, isRefusal, type Sequence } from '@flexistream/kernel';
import type { HandlersOf, Ports } from '@flexistream/service-host';
import { announce, type Before, beforeStating } from '../announce.ts';
import { address, conferenceId, id, isoOrNull, pathAndBody } from '../fields.ts';
import { knownDevices, knownText } from '../known-members.ts';
import type { People } from '../people/people.ts';
import { callAnswer, devicesOf, partiesOf, reportAnswer } from './answers.ts';
import { type AnnouncedCall, type Call, type CallCommand, callDecider } from './call.ts';
import type { CallEvent } from './events.ts';
import { KeptEnds } from './kept-ends.ts';
import { callStream } from './view.ts';

export interface CallParts {
  readonly ports: Pick<Ports, 'journal' | 'ephemeral'>;
  readonly people: People;
  readonly deviceIds: Sequence;
}

type CallRoutes = Pick<HandlersOf<'statistics'>, 'announceCall' | 'reportCallDevice' | 'endCall'>;

const announcedCall = {
  id,
  from: address,
  to: address,
  initiated_at: isoDate({ required: true }),
  ended_at: isoDate(),
  conference_id: conferenceId,
};
const reportedDevice = pathAndBody(['call_id', 'device_id'], {
  rang_at: isoDate(),
  invite_terminated: nested({ at: isoDate({ requiredWith: ['state'] }), state: text({ max: 255, requiredWith: ['at'] }) }),
});
const endedCall = pathAndBody(['call_id'], { ended_at: isoDate({ required: true }) });

/** What a Flexisip server tells of a call (spec statistics.md §2, §8). Answers follow from the call's own state, never from a view. */
export const callRoutes = ({ ports: { journal, ephemeral }, people, deviceIds }: CallParts): CallRoutes => {
  const ends = new KeptEnds(ephemeral);
  const before = giveDevicesToCallee(people);

  const end = async (call: string, endedAt: string, context: CommandContext): Promise<AnnouncedCall | undefined> => {
    const command: CallCommand = { type: 'EndCall', data: { endedAt }, now: context.at };
    const handled = await handle(journal, callDecider, callStream(call), command, { context });
    return isRefusal(handled) || handled.state.status === 'unknown' ? undefined : handled.state;
  };

  const endAsKept = async (call: string, context: CommandContext): Promise<void> => {
    const endedAt = await ends.of(call);
    if (endedAt === undefined) return;
    const ended = await end(call, endedAt, derived(context, 'kept end'));
    if (ended !== undefined) await ends.forget(call);
  };

  return {
    announceCall: async ({ body, context }) => {
      const { id: call, from, to, initiated_at, ended_at, conference_id } = parse(announcedCall, body);
      const [caller, callee, devices] = await Promise.all([
        people.party(from, context),
        people.party(to, context),
        people.devices(knownDevices(body.devices)),
      ]);
      const command: CallCommand = {
        type: 'AnnounceCall',
        data: {
          from: caller,
          to: callee,
          initiatedAt: isoMoment(initiated_at),
          endedAt: isoOrNull(ended_at),
          conferenceId: conference_id ?? null,
          sipCallId: knownText(body.sip_call_id),
          devices: [...devices],
        },
        now: context.at,
      };
      const refusal = await announce({ journal, decider: callDecider, stream: callStream(call), command, context, before });
      await endAsKept(call, context);
      if (refusal !== undefined) throw new Failure(400, { key: 'database_error' });
      return one();
    },

    reportCallDevice: async (call) => {
      const { call_id, device_id, rang_at, invite_terminated: ended } = reportedDevice(call);
      const { context } = call;
      const device = await people.device(device_id);
      const command: CallCommand = {
        type: 'ReportCallDevice',
        data: {
          device,
          id: await deviceIds.next(context),
          ...(typeof rang_at === 'number' ? { rangAt: isoMoment(rang_at) } : {}),
          ...(typeof ended?.at === 'number' && typeof ended.state === 'string'
            ? { terminated: { at: isoMoment(ended.at), state: ended.state } }
            : {}),
        },
        now: context.at,
      };
      const options = { context, claims: beforeStating(before) };
      const handled = await handle(journal, callDecider, callStream(call_id), command, options);
      const known = isRefusal(handled) ? undefined : handled.state.devices[device];
      if (isRefusal(handled) || known === undefined) throw new Error('a report of a device was refused');
      const first = handled.events.some(({ type, data }) => type === 'CallDeviceReported' && data.id !== undefined);
      return { status: first ? 201 : 200, json: reportAnswer(call_id, device_id, known) };
    },

    endCall: async (call) => {
      const { call_id, ended_at } = endedCall(call);
      const endedAt = isoMoment(ended_at);
      let ended = await end(call_id, endedAt, call.context);
      if (ended === undefined) {
        await ends.keep(call_id, endedAt);
        // An announcement that came in between has looked for kept ends too early, or finds this one: each looks after it has written.
        ended = await end(call_id, endedAt, call.context);
      }
      if (ended === undefined) throw notFound();
      return ok(callAnswer(call_id, ended, await people.read(partiesOf(ended))));
    },
  };
};

/** Devices are the callee's and go with it: those of the announcement, and those that reported before anybody knew whose they are. */
const giveDevicesToCallee =
  (people: People): Before<Call, CallEvent> =>
  async (events, before) => {
    const call = events.reduce(callDecider.evolve, before);
    if (call.status === 'unknown') return;
    const named = events.flatMap(({ type, data }) => (type === 'CallAnnounced' ? data.devices : []));
    await people.give([...named, ...devicesOf(call)], call.to);
  };
