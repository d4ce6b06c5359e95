import { momentOf, momentOrNull } from '@flexistream/http';
import type { Texts } from '../people/people.ts';
import type { AnnouncedCall, Call, CallDevice } from './call.ts';

/** The call as `PATCH calls/{id}` answers it (spec statistics.md §4.5). */
export const callAnswer = (id: string, call: AnnouncedCall, texts: Texts) => {
  const from = texts.address(call.from);
  const to = texts.address(call.to);
  return {
    id,
    from_username: from.username,
    from_domain: from.domain,
    to_username: to.username,
    to_domain: to.domain,
    initiated_at: momentOf(call.initiatedAt),
    ended_at: momentOrNull(call.endedAt),
    conference_id: call.conferenceId,
    created_at: momentOf(call.createdAt),
    updated_at: momentOf(call.updatedAt),
  };
};

/** What a report is answered with; `device` is the text as it was sent (spec statistics.md §4.4). */
export const reportAnswer = (callId: string, device: string, { id, rangAt, terminated, createdAt, updatedAt }: CallDevice) => ({
  call_id: callId,
  device_id: device,
  rang_at: momentOrNull(rangAt),
  invite_terminated_at: momentOrNull(terminated?.at),
  invite_terminated_state: terminated?.state ?? null,
  updated_at: momentOf(updatedAt),
  created_at: momentOf(createdAt),
  id,
});

/** The call with its devices, as lists show it (spec statistics.md §10.1). */
export const listedCall = (id: string, call: AnnouncedCall, texts: Texts) => ({
  ...callAnswer(id, call, texts),
  devices: Object.values(call.devices)
    .sort((one, other) => one.id - other.id)
    .map((device) => listedDevice(id, device, texts)),
});

const listedDevice = (callId: string, { id, device, rangAt, terminated, createdAt, updatedAt }: CallDevice, texts: Texts) => ({
  id,
  call_id: callId,
  device_id: texts.device(device),
  rang_at: momentOrNull(rangAt),
  invite_terminated_at: momentOrNull(terminated?.at),
  invite_terminated_state: terminated?.state ?? null,
  created_at: momentOf(createdAt),
  updated_at: momentOf(updatedAt),
});

/** The numbers whose texts `callAnswer` needs; `listedCall` needs those of the devices too. */
export const partiesOf = ({ from, to }: AnnouncedCall): readonly number[] => [from.address, to.address];
export const devicesOf = (call: Call): readonly number[] => Object.values(call.devices).map(({ device }) => device);
