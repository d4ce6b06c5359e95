import { z } from 'zod';

/**
 * Somebody in an event: a random number in place of the address (design §4). The domain stays beside it: it names no person, and
 * what is counted by space needs it when the person is erased.
 */
export const party = z.object({ address: z.number().int(), domain: z.string() });
export type Party = z.infer<typeof party>;
