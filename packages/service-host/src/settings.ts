import { z } from 'zod';

/** One variable of the environment: how it is read, what it means. The text and the default appear in `--help`. */
export interface Setting<T = unknown> {
  readonly schema: z.ZodType<T>;
  readonly doc: string;
  /** As one would write it in the environment; shown in `--help`. */
  readonly fallback?: string;
  readonly secret?: true;
}

export type Settings = Readonly<Record<string, Setting>>;
export type ValuesOf<S extends Settings> = { readonly [N in keyof S]: S[N] extends Setting<infer T> ? T : never };

const asNumber = (text: unknown) => (typeof text === 'string' && text.trim() !== '' ? Number(text) : text);

/** Empty counts as unset, as in env files. */
export const textSetting = (doc: string, fallback = ''): Setting<string> => ({ schema: z.string().default(fallback), doc, fallback });
export const secretSetting = (doc: string): Setting<string> => ({ ...textSetting(doc), secret: true });
export const integerSetting = (doc: string, fallback: number, min = 0, max = Number.MAX_SAFE_INTEGER): Setting<number> => ({
  schema: z.preprocess(asNumber, z.number().int().min(min).max(max)).default(fallback),
  doc,
  fallback: String(fallback),
});
export const switchSetting = (doc: string, fallback: boolean): Setting<boolean> => ({
  schema: z
    .enum(['true', 'false', '1', '0', 'on', 'off', 'yes', 'no'])
    .transform((text) => ['true', '1', 'on', 'yes'].includes(text))
    .default(fallback),
  doc,
  fallback: String(fallback),
});
export const listSetting = (doc: string, fallback = ''): Setting<readonly string[]> => ({
  schema: z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    ),
  doc,
  fallback,
});

/** A name that engines take as a part of theirs. */
export const nameSetting = (doc: string, fallback: string): Setting<string> => ({
  schema: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,30}$/, 'needs a lower-case letter, then up to 30 letters, digits or _')
    .default(fallback),
  doc,
  fallback,
});

/** Every faulty variable at once: an operator mends a file in one go. */
export class SettingsFaulty extends Error {
  readonly code = 'settings/faulty';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`the configuration is faulty:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

export const readSettings = <S extends Settings>(settings: S, environment: Readonly<Record<string, string | undefined>>): ValuesOf<S> => {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { schema, secret }] of Object.entries(settings)) {
    const given = environment[name];
    const parsed = schema.safeParse(given === '' ? undefined : given);
    if (parsed.success) values[name] = parsed.data;
    else
      faults.push(
        `${name}: ${parsed.error.issues[0]?.message ?? 'is not valid'}${secret || given === undefined ? '' : ` (given: ${given})`}`,
      );
  }
  if (faults.length > 0) throw new SettingsFaulty(faults);
  return values as ValuesOf<S>;
};
