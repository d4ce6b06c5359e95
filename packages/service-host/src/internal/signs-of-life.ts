import { setTimeout as pause } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';

/** How long an answer may take before its instance is asked whether it is there, and how long that one may take: together within 2 s. */
const EVERY_MS = 800;
const WITHIN_MS = 700;
/** Longer than a command retries conflicts: whoever is there and has not answered by then will not. */
const AT_MOST_MS = 10_000;

/** Waits for work at an instance as long as that one shows signs of life; a silent one is given up within 2 s (design §7). */
export const whileAlive = async <T>(address: string, dispatcher: Dispatcher, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const givenUp = new AbortController();
  const over = new AbortController();
  void watch(address, dispatcher, over.signal).then((why) => why !== undefined && givenUp.abort(new Error(why)));
  try {
    return await work(givenUp.signal);
  } finally {
    over.abort();
  }
};

/** Answers why to give up, or nothing once it is over. */
const watch = async (address: string, dispatcher: Dispatcher, over: AbortSignal): Promise<string | undefined> => {
  for (let waited = 0; waited < AT_MOST_MS; waited += EVERY_MS) {
    await pause(EVERY_MS, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return undefined;
    if (!(await isAlive(address, dispatcher)) && !over.aborted) return 'shows no sign of life';
  }
  return 'does not answer';
};

const isAlive = async (address: string, dispatcher: Dispatcher): Promise<boolean> => {
  try {
    const { statusCode, body } = await request(new URL('/healthz', address), { dispatcher, signal: AbortSignal.timeout(WITHIN_MS) });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
};
