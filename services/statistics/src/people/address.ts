import type { SipAddress } from '@flexistream/http';

/** What an erased address reads as (RFC 3323 §4.1.1.3): no account can have that domain. */
const anonymous: SipAddress = { username: 'anonymous', domain: 'anonymous.invalid' };

/** One text a person: user names of accounts know no capitals either. */
export const textOf = ({ username, domain }: SipAddress): string => `${username}@${domain}`.toLowerCase();

/** The address in a text of `textOf`; `anonymous` for what is none, such as `'erased'`. */
export const addressOf = (text: string | undefined): SipAddress => {
  const at = text?.lastIndexOf('@') ?? -1;
  return text === undefined || at < 0 ? anonymous : { username: text.slice(0, at), domain: text.slice(at + 1) };
};
