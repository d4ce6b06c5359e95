import { randomBytes } from 'node:crypto';
import { ADMIN } from './processes.ts';

const PEOPLE = 1_000;
const someoneOf = (people: number): number => Math.floor(Math.random() * people);
const addressOf = (person: number): string => `caller${person}@${ADMIN.domain}`;
export const deviceOf = (person: number): string => `"<urn:uuid:4bdbd35a-0af2-4a2b-8a2e-${String(person).padStart(12, '0')}>"`;

/** What a Flexisip server sends when an INVITE starts to fork (spec statistics.md §11.3, body A), about people that it names again and again. */
export const announcedCall = (people = PEOPLE): string => callOf(someoneOf(people), someoneOf(people));

/** A call of each of those people to themselves: then nobody and no device is new. */
export const everybodyOnce = (people: number): readonly string[] => Array.from({ length: people }, (_, person) => callOf(person, person));

const callOf = (from: number, to: number): string =>
  JSON.stringify({
    conference_id: null,
    devices: { [deviceOf(to)]: null },
    ended_at: null,
    from: addressOf(from),
    id: randomBytes(32).toString('hex'),
    initiated_at: '2026-03-12T14:53:22Z',
    sip_call_id: 'b2VhUjZ0bQ',
    to: addressOf(to),
  });

export const CALLS = '/api/statistics/calls';
export const asFlexisip = { accept: 'application/json', 'content-type': 'application/json', 'x-api-key': ADMIN.key } as const;
