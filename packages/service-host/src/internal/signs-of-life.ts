import { type Dispatcher, request } from 'undici';

/** How long an answer may take before its instance is asked whether it is there, and how long that one may take: together within 2 s. */
const EVERY_MS = 800;
const WITHIN_MS = 700;
/** Longer than a command retries conflicts: whoever is there and has not answered by then will not. */
const AT_MOST_MS = 10_000;

/** Waits for work at an instance as long as that one shows signs of life; a silent one is given up within 2 s (design §7). */
export const whileAlive = async <T>(address: string, dispatcher: Dispatcher, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const givenUp = new AbortController();
  let over = false;
  // Plain timers: an abort of a promised one makes an error and its stack, which is dear at the end of every quick answer.
  const look = async (waited: number): Promise<void> => {
    const alive = await isAlive(address, dispatcher);
    if (over) return;
    if (!alive) givenUp.abort(new Error('shows no sign of life'));
    else if (waited >= AT_MOST_MS) givenUp.abort(new Error('does not answer'));
    else timer = setTimeout(look, EVERY_MS, waited + EVERY_MS);
  };
  let timer = setTimeout(look, EVERY_MS, EVERY_MS);
  try {
    return await work(givenUp.signal);
  } finally {
    over = true;
    clearTimeout(timer);
  }
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
