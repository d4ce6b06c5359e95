import type { HandlersOf } from '@flexistream/service-host';
import type { Parts } from '../parts.ts';
import { deleteAccount, deleteMe, provisionAccount, provisionMe, switchAccount } from './act.ts';
import { updateAccount } from './change.ts';
import { createByAdmin } from './create.ts';
import { createWithToken } from './create-with-token.ts';
import { changeMyPassword } from './password.ts';
import { accountInfo, listAccounts, readAccount, readMe, searchAccount, searchAccountByEmail } from './read.ts';

export const accountRoutes = (parts: Parts): HandlersOf<'accounts'> => ({
  createAccount: createByAdmin(parts),
  createAccountWithToken: createWithToken(parts),
  listAccounts: listAccounts(parts),
  readAccount: readAccount(parts),
  updateAccount: updateAccount(parts),
  deleteAccount: deleteAccount(parts),
  searchAccount: searchAccount(parts),
  searchAccountByEmail: searchAccountByEmail(parts),
  accountInfo: accountInfo(parts),
  activateAccount: switchAccount(parts, 'ActivateAccount'),
  deactivateAccount: switchAccount(parts, 'DeactivateAccount'),
  blockAccount: switchAccount(parts, 'BlockAccount'),
  unblockAccount: switchAccount(parts, 'UnblockAccount'),
  provisionAccount: provisionAccount(parts),
  readMe: readMe(parts),
  deleteMe: deleteMe(parts),
  provisionMe: provisionMe(parts),
  changeMyPassword: changeMyPassword(parts),
});
