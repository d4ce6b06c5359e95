import { type SipAddress, sipAddressOf } from '@flexistream/http';

/** An address that names an account: percent-decoded, in lower case, as user names are stored (spec auth-and-errors.md §6.1). */
export const accountAddressOf = (text: string): SipAddress | undefined => {
  const address = sipAddressOf(text);
  return address && { username: decoded(address.username).toLowerCase(), domain: address.domain };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
