import type { CommandContext } from '@flexistream/kernel';
import type { AskService } from '@flexistream/service-host';
import { type Register, superSpaces } from './unique.ts';

/**
 * Whether anybody could still manage spaces when this one is super no more. The register itself refuses to end the last super
 * space; whether another one has an admin is known to accounts only, and asked before (design §4).
 */
export const othersCanManage = async (ask: AskService, register: Register, id: string, context: CommandContext): Promise<boolean> => {
  const spaceIds = superSpaces(register)
    .map((space) => space.id)
    .filter((other) => other !== id);
  if (spaceIds.length === 0) return false;
  return (await ask('accounts.hasAdmin', { spaceIds }, context)).hasAdmin;
};
