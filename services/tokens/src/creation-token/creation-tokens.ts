import { type CommandContext, derived, handle, isoMoment, isRefusal, load, randomToken } from '@flexistream/kernel';
import type { Ports, ValuesOf } from '@flexistream/service-host';
import type { tokensSettings } from '../settings.ts';
import { type CreationTokenCommand, creationTokenDecider, isExpired } from './creation-token.ts';
import { creationTokenStream } from './events.ts';
import { creationTokenView, type Reservation, reservations, type UsedToken, usedTokens } from './view.ts';

const TOKEN_LENGTH = 13;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Longer than any creation takes; a slow one that is fenced all the same starts over with a new id. */
const ABANDONED_AFTER_MS = 10_000;
const PAGE = 200;

export interface MadeToken {
  readonly token: string;
  /** ms since 1970; null = never. */
  readonly expiresAt: number | null;
}

/** Creation tokens by their text or by the keyed hash of it (`tokenId`). */
export class CreationTokens {
  readonly #ports: Ports;
  readonly #settings: ValuesOf<typeof tokensSettings>;

  constructor(ports: Ports, settings: ValuesOf<typeof tokensSettings>) {
    this.#ports = ports;
    this.#settings = settings;
  }

  async make(ip: string, userAgent: string | null, context: CommandContext): Promise<MadeToken> {
    const token = randomToken(TOKEN_LENGTH);
    const id = this.#idOf(token);
    await this.#handle(id, { type: 'MakeCreationToken', data: { ip, userAgent }, now: context.at }, context);
    const expiresAt = this.#lifetime === 0 ? null : Date.parse(context.at) + this.#lifetime * MINUTE;
    if (expiresAt !== null) await this.#ports.journal.expire(creationTokenStream(id), expiresAt + DAY);
    return { token, expiresAt };
  }

  async state(token: string): Promise<'usable' | 'expired' | 'unknown'> {
    const { state } = await load(this.#ports.journal, creationTokenDecider, creationTokenStream(this.#idOf(token)));
    if (state.status !== 'free') return 'unknown';
    return isExpired(state.at, isoMoment(this.#ports.clock()), this.#lifetime) ? 'expired' : 'usable';
  }

  async reserve(token: string, accountId: number, context: CommandContext): Promise<{ reserved: boolean; tokenId: string }> {
    const tokenId = this.#idOf(token);
    const data = { accountId, lifetimeMinutes: this.#lifetime };
    const reserved = await this.#handle(
      tokenId,
      { type: 'ReserveCreationToken', data, now: context.at },
      derived(context, `reservation for ${accountId}`),
    );
    return { reserved, tokenId };
  }

  async release(tokenId: string, accountId: number, context: CommandContext): Promise<void> {
    const command = { type: 'ReleaseCreationToken', data: { accountId }, now: context.at } as const;
    await this.#handle(tokenId, command, derived(context, `release from ${accountId}`));
  }

  async markUsed(tokenId: string, accountId: number, context: CommandContext): Promise<void> {
    const command = { type: 'MarkCreationTokenUsed', data: { accountId }, now: context.at } as const;
    await this.#handle(tokenId, command, derived(context, `use by ${accountId}`));
  }

  /**
   * Ends reservations that a crash left open: accounts fences the id, so that afterwards it is an account or never will be; then the
   * token is used, or free again (design §6).
   */
  async sweep(context: CommandContext): Promise<void> {
    const before = isoMoment(this.#ports.clock() - ABANDONED_AFTER_MS);
    const open = await this.#ports.views.find<Reservation>(creationTokenView, reservations, {
      range: { field: 'at', below: before },
      order: { by: ['at'], direction: 'ascending' },
      limit: PAGE,
    });
    for (const { tokenId, accountId } of open) {
      const { state } = await this.#ports.ask('accounts.fence', { accountId }, context);
      if (state === 'created') await this.markUsed(tokenId, accountId, context);
      else await this.release(tokenId, accountId, context);
    }
  }

  /** Erases what the tokens of a deleted account hold of it. */
  async forget(accountId: number): Promise<void> {
    const used = await this.#ports.views.find<UsedToken>(creationTokenView, usedTokens, { where: { accountId }, limit: PAGE });
    for (const { tokenId } of used) await this.#ports.vault.erase(creationTokenStream(tokenId));
  }

  get #lifetime(): number {
    return this.#settings.APP_ACCOUNT_CREATION_TOKEN_EXPIRATION_MINUTES;
  }

  #idOf(token: string): string {
    return this.#ports.vault.hash('creation-token', token);
  }

  /** Answers whether it was accepted. */
  async #handle(tokenId: string, command: CreationTokenCommand, context: CommandContext): Promise<boolean> {
    return !isRefusal(await handle(this.#ports.journal, creationTokenDecider, creationTokenStream(tokenId), command, { context }));
  }
}
