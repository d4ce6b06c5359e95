import { integrationEvent } from '@flexistream/contracts';
import type { ConsumeOptions, ListenOptions } from '../port.ts';
import type { LogEntry } from './topic-log.ts';
import { untilAborted } from './turns.ts';

export type Handled =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'failed'; readonly error: string }
  | { readonly outcome: 'stopped' };

/** Tries until it is done, the policy says to park, or the signal aborts the waiting. */
export const handlePatiently = async (
  entry: LogEntry,
  { handle, onFailure }: Pick<ConsumeOptions, 'handle' | 'onFailure'>,
  signal: AbortSignal,
): Promise<Handled> => {
  for (let attempt = 1; ; attempt++) {
    const tried = await tryOnce(entry, handle);
    if (tried === undefined) return { outcome: 'done' };
    const failure = tried.permanent ? ({ action: 'park' } as const) : onFailure(tried.error, attempt);
    if (failure.action === 'park') return { outcome: 'failed', error: asText(tried.error) };
    await pause(failure.afterMs, signal);
    if (signal.aborted) return { outcome: 'stopped' };
  }
};

/** One attempt, as an operator asks for it: its error's text, or undefined when it went through. */
export const handleOnce = async (entry: LogEntry, handle: ConsumeOptions['handle']): Promise<string | undefined> => {
  const tried = await tryOnce(entry, handle);
  return tried === undefined ? undefined : asText(tried.error);
};

/** For who only listens: a failure is told, once. */
export const hear = async (entry: LogEntry, { handle, onFailure }: Pick<ListenOptions, 'handle' | 'onFailure'>): Promise<void> => {
  const tried = await tryOnce(entry, handle);
  if (tried !== undefined) onFailure(tried.error);
};

/** What this release cannot read waits, parked, for one that can. */
export const tryOnce = async (
  { body }: LogEntry,
  handle: ConsumeOptions['handle'],
): Promise<{ readonly error: unknown; readonly permanent: boolean } | undefined> => {
  const event = integrationEvent.safeParse(JSON.parse(body));
  if (!event.success) return { error: new Error('this release does not know such an event'), permanent: true };
  try {
    await handle(event.data);
    return undefined;
  } catch (error) {
    return { error, permanent: false };
  }
};

const LONGEST_TEXT = 500;
export const asText = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : 'what was thrown is no error').slice(0, LONGEST_TEXT);

const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await untilAborted(promise, signal);
  clearTimeout(timer);
};
