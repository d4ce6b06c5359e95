import { z } from 'zod';

const base = {
  specversion: z.literal('1.0'),
  /** The id of the domain event that it stands for: a republication is the same event. */
  id: z.uuid(),
  source: z.enum(['accounts', 'spaces', 'tokens', 'notifications', 'statistics']),
  /** The aggregate's id: the key of the topic. */
  subject: z.string(),
  time: z.iso.datetime(),
  /** The revision in the aggregate's stream. */
  sequence: z.number().int(),
  correlation: z.string(),
  traceparent: z.string().optional(),
};

const of = <T extends string, D extends z.ZodObject>(type: T, data: D) => z.object({ ...base, type: z.literal(type), data });

/**
 * The whole vocabulary between services: CloudEvents 1.0, ids, kinds, switches and times only, never a personal value or a
 * secret, since a topic cannot erase (design §6).
 */
export const integrationEvent = z.discriminatedUnion('type', [
  of('space.created.v1', z.object({ spaceId: z.string() })),
  of('space.changed.v1', z.object({ spaceId: z.string() })),
  of('space.deleted.v1', z.object({ spaceId: z.string() })),
  of('account.created.v1', z.object({ accountId: z.number().int(), spaceId: z.string(), creationToken: z.string().optional() })),
  /** Rights or credentials differ: gateways drop what they hold of the account. */
  of('account.access-changed.v1', z.object({ accountId: z.number().int(), spaceId: z.string() })),
  of('account.deleted.v1', z.object({ accountId: z.number().int(), spaceId: z.string() })),
  of('token.key-revoked.v1', z.object({ keyId: z.string(), accountId: z.number().int() })),
]);

export type IntegrationEvent = z.infer<typeof integrationEvent>;
export type IntegrationEventType = IntegrationEvent['type'];

export const topicOf = (source: IntegrationEvent['source']): string => `flexistream.${source}`;
