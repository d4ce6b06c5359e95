import { type Json, type SipAddress, sipAddressOf, trim } from '@flexistream/http';

/** More than one person has, few enough to keep. */
const MEMBERS_AT_MOST = 100;
const LONGEST_DEVICE = 255;
const LONGEST_ADDRESS = 256;
const LONGEST_TEXT = 1_024;

// A Flexisip server sends members that the contract lets pass unchecked (spec statistics.md §11.3). Nobody else has them later, so they are
// kept; what is none of what is expected is left out, never refused.

/** `{"<device id>": null, …}`: the devices known when it was announced. */
export const knownDevices = (given: Json | undefined): readonly string[] =>
  keysOf(given)
    .map(trim)
    .filter((device) => device !== '' && device.length <= LONGEST_DEVICE);

/** `{"user@domain": {"<device id>": null, …}, …}` of a message. */
export const knownRecipients = (given: Json | undefined): readonly { readonly to: SipAddress; readonly devices: readonly string[] }[] =>
  keysOf(given).flatMap((address) => {
    const to = address.length <= LONGEST_ADDRESS ? sipAddressOf(address) : undefined;
    return to === undefined ? [] : [{ to, devices: knownDevices((given as Record<string, Json>)[address]) }];
  });

export const knownText = (given: Json | undefined): string | null =>
  typeof given === 'string' && given.length <= LONGEST_TEXT ? given : null;

const keysOf = (given: Json | undefined): readonly string[] =>
  typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.keys(given).slice(0, MEMBERS_AT_MOST) : [];
