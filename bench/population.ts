import type { Setting } from './budget.ts';
import { inParallel, openInProcess } from './in-process.ts';
import { ADMIN } from './processes.ts';

export const FEW = 1_000;
export const manyAccounts = ({ quick }: Setting): number => (quick ? 5_000 : 200_000);

const AT_ONCE = 300;

export const usernameOf = (index: number): string => `person${index}`;
export const sipAddressOf = (index: number): string => `sip:${usernameOf(index)}@${ADMIN.domain}`;

/** What an admin posts to make an account. */
export const accountBody = (username: string): Record<string, unknown> => ({
  username,
  domain: ADMIN.domain,
  password: 'a-password-of-the-benchmarks',
  algorithm: 'SHA-256',
  email: `${username}@example.org`,
  display_name: 'Somebody',
  activated: true,
});

/** A data folder of a standalone that has so many accounts, everything published and projected, cleanly stopped. */
export const folderWithAccounts = ({ prepared, say }: Setting, count: number): Promise<string> =>
  prepared(`accounts-${count}`, async (folder) => {
    const begun = performance.now();
    const platform = await openInProcess(folder, { passive: false });
    await inParallel(count, AT_ONCE, async (index) => {
      await platform.call('createAccount', { body: accountBody(usernameOf(index)) });
      if (index % 20_000 === 0) say(`making ${count} accounts: ${index}`);
    });
    await platform.services.caughtUp();
    await platform.stop();
    say(`made ${count} accounts in ${Math.round((performance.now() - begun) / 1000)} s`);
  });
