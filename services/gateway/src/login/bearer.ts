import type { AccountIdentity } from '@flexistream/contracts';
import { Failure, type TextKey, translate } from '@flexistream/http';
import type { Identities } from '../identity/identities.ts';
import { type Attempt, type Login, LoginFailed } from './attempt.ts';
import type { Claims, JwtVerifier } from './jwt.ts';
import { accountAddressOf } from './sip-address.ts';

const bearerScheme = /^\s*bearer(?:\s+([^,]*)|\s*(?:,|$))/i;

/** The token of `Authorization: Bearer …`, up to the first comma; undefined for any other scheme. */
export const presentedBearer = (authorization: string | undefined): string | undefined => {
  const found = bearerScheme.exec(authorization ?? '');
  return found === null ? undefined : (found[1] ?? '').trim();
};

export interface BearerOptions {
  readonly identities: Identities;
  readonly verify: JwtVerifier;
  /** Name of the claim with the SIP address. */
  readonly sipClaim: string;
  /** `ACCOUNT_AUTHENTICATION_BEARER`. */
  readonly challenge: string;
}

export class BearerTokens {
  readonly #options: BearerOptions;

  constructor(options: BearerOptions) {
    this.#options = options;
  }

  /** Its failure is final, even beside a good API key (spec auth-and-errors.md §5). */
  async logIn(attempt: Attempt, token: string): Promise<Login> {
    const verdict = await this.#options.verify(token);
    if ('fault' in verdict) throw this.#invalid(verdict.fault);
    const account = await this.#accountOf(verdict.claims, attempt);
    if (account === undefined) throw new Failure(403, { key: 'jwt_unrelated' });
    return { account, via: 'jwt' };
  }

  async #accountOf(claims: Claims, { look, hostSpace }: Attempt): Promise<AccountIdentity | undefined> {
    const { identities, sipClaim } = this.#options;
    const claimed = claims[sipClaim];
    if (claimed !== undefined && claimed !== null) {
      const address = typeof claimed === 'string' ? accountAddressOf(claimed) : undefined;
      if (address === undefined) throw this.#invalid('invalid_sip_address');
      const space = await identities.spaceOfDomain(address.domain, look);
      return space && (await identities.accountByName(space.id, address.username, look));
    }
    if (typeof claims.email !== 'string' || claims.email.trim() === '') return undefined;
    const accounts = await identities.accountsByEmail(claims.email.trim().toLowerCase(), look);
    if (accounts.length === 1) return accounts[0];
    const here = accounts.filter(({ spaceId }) => spaceId === hostSpace?.id);
    return here.length === 1 ? here[0] : undefined;
  }

  #invalid(key: TextKey): LoginFailed {
    const { challenge } = this.#options;
    const error = `error="invalid_token", error_description="${translate('en', { key })}"`;
    const header = challenge === '' ? `Bearer ${error}` : `Bearer ${challenge}, ${error}`;
    return new LoginFailed(401, { key }, { counts: key !== 'jwt_expired', headers: { 'WWW-Authenticate': header } });
  }
}
