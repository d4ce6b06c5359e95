import { created, type Handler, momentOrNull } from '@flexistream/http';
import type { CreationTokens } from './creation-tokens.ts';

/** POST /account_creation_tokens (spec tokens.md §8). */
export const createCreationToken =
  (tokens: CreationTokens): Handler =>
  async ({ address, userAgent, context }) => {
    const { token, expiresAt } = await tokens.make(address, userAgent ?? null, context);
    return created({ token, ip: address, user_agent: userAgent ?? null, expire_at: momentOrNull(expiresAt) });
  };
