import { createHash, randomBytes } from 'node:crypto';

/** One request of a Flexisip server, below its prefix, and what may be answered. */
export interface Report {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  /** Members in alphabetical order, as Flexisip writes them. */
  readonly body: object;
  readonly statuses: readonly number[];
}

interface ExpectedDevice {
  readonly device_id: string;
  readonly rang_at: string | null;
  readonly invite_terminated_at: string | null;
  readonly invite_terminated_state: string | null;
}

/** A call as `GET /accounts/{id}/statistics/calls` must list it; moments as whole seconds, `2026-03-12T14:53:22Z`. */
export interface ExpectedCall {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly initiated_at: string;
  readonly ended_at: string | null;
  readonly devices: readonly ExpectedDevice[];
}

/** A message device as the answer to a repeated PATCH must show it. */
export interface ExpectedMessageDevice {
  readonly report: Report;
  readonly message_id: string;
  readonly to: string;
  readonly device_id: string;
  readonly last_status: number;
  readonly received_at: string;
}

export interface Story {
  readonly name: string;
  /**
   * One after the other, as Flexisip 2.5 and later send what belongs to one id; or all at once, as 2.3 and 2.4 do (spec statistics.md §11.4).
   * Stories run side by side.
   */
  readonly order: 'in order' | 'at once';
  readonly reports: readonly Report[];
  /** Undefined: the list must not show it, e.g. because nobody announced it. */
  readonly call?: ExpectedCall;
  readonly unlisted?: string;
  readonly messageDevices?: readonly ExpectedMessageDevice[];
}

/** Flexisip's clock: whole seconds, UTC. */
export const secondOf = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

/** SHA-256 in hex of the smaller address, the larger one and the Call-ID: the same for both directions (spec statistics.md §6). */
export const eventIdOf = (one: string, other: string, callId: string): string =>
  createHash('sha256')
    .update([one, other].sort().join('') + callId)
    .digest('hex');

export const newCallId = (): string => randomBytes(8).toString('base64url').slice(0, 10);

/** `+sip.instance` as it stands in the contact: with quotes and angle brackets. */
export const newInstance = (): string => `"<urn:uuid:${crypto.randomUUID()}>"`;
/** A push token, longer than the 64 characters that the original kept. */
export const newPushToken = (): string => `${randomBytes(8).toString('hex')}:APA91b${randomBytes(90).toString('base64url')}`;
/** What Flexisip makes up for a contact without any id. */
export const newMadeUpId = (): string => `fs-gen-${randomBytes(15).toString('base64url')}`;
