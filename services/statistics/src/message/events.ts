import { event, eventCatalogue, type FactOf } from '@flexistream/kernel';
import { z } from 'zod';
import { party } from '../people/party.ts';

/** ISO 8601, UTC, milliseconds. */
const moment = z.string();
/** A device id is a random number (design §4). */
const device = z.number().int();

/** One event a request. `at` is when it arrived, every other moment is what Flexisip says. */
export const messageEvents = eventCatalogue({
  MessageAnnounced: event(
    1,
    z.object({
      from: party,
      sentAt: moment,
      encrypted: z.boolean(),
      conferenceId: z.string().nullable(),
      /** Whom it is for and their devices known then: nobody else has them later. */
      recipients: z.array(z.object({ to: party, devices: z.array(device) })),
      at: moment,
    }),
  ),
  MessageDeviceReported: event(
    1,
    z.object({
      to: party,
      device,
      /** The integer that answers show; only in the first report of the device. */
      id: z.number().int().optional(),
      /** A SIP status: 200, 202, 408, 481, 503, 603 … */
      lastStatus: z.number().int(),
      receivedAt: moment,
      at: moment,
    }),
  ),
});
export type MessageEvent = FactOf<typeof messageEvents.types>;
