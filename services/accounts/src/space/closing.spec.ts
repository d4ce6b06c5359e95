import { readSettings } from '@flexistream/service-host';
import { expect, test } from '@jest/globals';
import { createAccount, type Draft } from '../account/creation.ts';
import { makeParts } from '../parts.ts';
import { accountsSettings } from '../service.ts';
import { draft } from '../spec-support/draft.ts';
import { around } from '../spec-support/mortal.ts';
import { openAccounts, two } from '../spec-support/open-accounts.ts';
import { sweepClosedSpaces } from './closing.ts';

const settings = readSettings(accountsSettings, {});
const inTwo: Draft = { ...draft, spaceId: 'two', domain: two.domain };

test('an account that lands after its space was deleted is removed by the sweep', async () => {
  await using accounts = await openAccounts();
  const { host, ports } = accounts;
  const ready = Promise.withResolvers<void>();
  const resume = Promise.withResolvers<void>();
  const journal = around(ports().journal, async (stream, real) => {
    if (stream === 'account-1') {
      ready.resolve();
      await resume.promise;
    }
    return real();
  });
  const creation = createAccount(makeParts({ ...ports(), journal }, settings), inTwo, host.context());
  await ready.promise;
  await accounts.deleteSpace('two');
  await host.services.caughtUp();
  resume.resolve();
  expect(await creation).toMatchObject({ status: 'present' });
  await host.services.caughtUp();
  await sweepClosedSpaces(makeParts(ports(), settings), host.context());
  expect((await ports().journal.read('account-1')).at(-1)).toMatchObject({ type: 'AccountDeleted', data: { cause: 'space deleted' } });
});

test('a creation that begins after its space was deleted is refused', async () => {
  await using accounts = await openAccounts();
  await accounts.deleteSpace('two');
  await accounts.host.services.caughtUp();
  expect(await createAccount(makeParts(accounts.ports(), settings), inTwo, accounts.host.context())).toEqual({ refused: 'space_gone' });
});
