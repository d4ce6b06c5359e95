import { z } from 'zod';

/** The context of a command as it crosses between processes. */
export const wiredContext = z.object({
  id: z.uuid(),
  correlation: z.string(),
  causation: z.string().optional(),
  actor: z.string(),
  space: z.string().optional(),
  traceparent: z.string().optional(),
  at: z.iso.datetime(),
});

/** POST /internal/<name of the call>. */
export const wiredQuestion = z.object({ input: z.unknown(), context: wiredContext });

/** POST /route/<id of the route>: the call without its caller, who is in the signed identity. */
export const wiredCall = z.object({
  params: z.record(z.string(), z.string()),
  query: z.record(z.string(), z.string()),
  body: z.record(z.string(), z.json()),
  hostSpace: z.unknown(),
  origin: z.string(),
  path: z.string(),
  language: z.enum(['en', 'fr']),
  address: z.string(),
  userAgent: z.string().optional(),
  context: wiredContext,
});

/** A refusal that the gateway words: the same Failure on the other side. */
export const wiredFailure = z.object({
  status: z.number().int(),
  text: z.object({ key: z.string(), values: z.record(z.string(), z.union([z.string(), z.number()])).optional() }).optional(),
  errors: z
    .array(
      z.tuple([
        z.string(),
        z.array(z.object({ key: z.string(), values: z.record(z.string(), z.union([z.string(), z.number()])).optional() })),
      ]),
    )
    .optional(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
});
export type WiredFailure = z.infer<typeof wiredFailure>;

/** The status under which a handler's own Failure travels, so that it is not taken for one of this door. */
export const FAILED = 299;
