import { event, eventCatalogue, type FactOf } from '@flexistream/kernel';
import { z } from 'zod';
import { party } from '../people/party.ts';

/** ISO 8601, UTC, milliseconds. */
const moment = z.string();
/** A device id is a random number (design §4). */
const device = z.number().int();

/** One event a request. `at` is when it arrived, every other moment is what Flexisip says. */
export const callEvents = eventCatalogue({
  CallAnnounced: event(
    1,
    z.object({
      from: party,
      to: party,
      initiatedAt: moment,
      endedAt: moment.nullable(),
      conferenceId: z.string().nullable(),
      /** The SIP Call-ID, from Flexisip 2.6 on; and the devices known then, rung or not: nobody else has them later. */
      sipCallId: z.string().nullable(),
      devices: z.array(device),
      at: moment,
    }),
  ),
  CallDeviceReported: event(
    1,
    z.object({
      device,
      /** The integer that answers show; only in the first report of the device. */
      id: z.number().int().optional(),
      rangAt: moment.optional(),
      terminated: z.object({ at: moment, state: z.string() }).optional(),
      at: moment,
    }),
  ),
  CallEnded: event(1, z.object({ endedAt: moment, at: moment })),
});
export type CallEvent = FactOf<typeof callEvents.types>;
