import { readFileSync } from 'node:fs';
import { z } from 'zod';

const sample = z.object({ type: z.string(), schema: z.number().int(), data: z.record(z.string(), z.unknown()) });
export type Sample = z.infer<typeof sample>;

/** Samples of every version of every event ever written: a file that grows and is never edited. */
export const samplesIn = (file: string): readonly Sample[] =>
  z.array(sample).parse(JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')));
