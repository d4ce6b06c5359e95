import {
  type CommandContext,
  derived,
  type Handled,
  handle,
  isoMoment,
  isRefusal,
  load,
  type Refusal,
  randomToken,
} from '@flexistream/kernel';
import type { Ports, ValuesOf } from '@flexistream/service-host';
import type { tokensSettings } from '../settings.ts';
import { type CreationToken, type CreationTokenCommand, creationTokenDecider, isExpired, isOver } from './creation-token.ts';
import { type CreationTokenEvent, creationTokenStream } from './events.ts';

const TOKEN_LENGTH = 13;
const MINUTE = 60_000;

export interface MadeToken {
  readonly token: string;
  /** Ms since 1970; null = never. */
  readonly expiresAt: number | null;
}

/** Creation tokens by their text or by the keyed hash of it (`tokenId`); the text leaves once, in the answer. */
export class CreationTokens {
  readonly #ports: Ports;
  readonly #settings: ValuesOf<typeof tokensSettings>;

  constructor(ports: Ports, settings: ValuesOf<typeof tokensSettings>) {
    this.#ports = ports;
    this.#settings = settings;
  }

  async make(ip: string, userAgent: string | null, context: CommandContext): Promise<MadeToken> {
    const token = randomToken(TOKEN_LENGTH);
    const made = await this.#tell(this.#idOf(token), { type: 'MakeCreationToken', data: { ip, userAgent }, now: context.at }, context);
    if (isRefusal(made)) return this.make(ip, userAgent, context); // drawn twice
    return { token, expiresAt: this.lifetimeMinutes === 0 ? null : Date.parse(context.at) + this.lifetimeMinutes * MINUTE };
  }

  /** One that is reserved is as good as used: `unknown`. */
  async state(token: string): Promise<'usable' | 'expired' | 'unknown'> {
    const state = await this.#stateOf(this.#idOf(token));
    if (state.status !== 'free') return 'unknown';
    return isExpired(state.at, this.#now(), this.lifetimeMinutes) ? 'expired' : 'usable';
  }

  /** Nobody used it, and it expired a day ago. */
  async isOver(tokenId: string): Promise<boolean> {
    const state = await this.#stateOf(tokenId);
    return state.status === 'free' && isOver(state.at, this.#now(), this.lifetimeMinutes);
  }

  /** One winner, whoever asks at the same time; for the same account again it is a repeat. */
  async reserve(token: string, accountId: number, context: CommandContext): Promise<{ reserved: boolean; tokenId: string }> {
    const tokenId = this.#idOf(token);
    const data = { accountId, lifetimeMinutes: this.lifetimeMinutes };
    const own = derived(context, `reservation for ${accountId}`);
    return { reserved: !isRefusal(await this.#tell(tokenId, { type: 'ReserveCreationToken', data, now: context.at }, own)), tokenId };
  }

  /** No account was made for that id, nor will one be: only who knows that may ask. */
  async release(tokenId: string, accountId: number, context: CommandContext): Promise<void> {
    const own = derived(context, `release from ${accountId}`);
    await this.#tell(tokenId, { type: 'ReleaseCreationToken', data: { accountId }, now: context.at }, own);
  }

  async markUsed(tokenId: string, accountId: number, context: CommandContext): Promise<void> {
    const own = derived(context, `use by ${accountId}`);
    await this.#tell(tokenId, { type: 'MarkCreationTokenUsed', data: { accountId }, now: context.at }, own);
  }

  async lapse(tokenId: string, context: CommandContext): Promise<void> {
    const data = { lifetimeMinutes: this.lifetimeMinutes };
    await this.#tell(tokenId, { type: 'LapseCreationToken', data, now: context.at }, derived(context, `lapse of ${tokenId}`));
  }

  get lifetimeMinutes(): number {
    return this.#settings.APP_ACCOUNT_CREATION_TOKEN_EXPIRATION_MINUTES;
  }

  async #stateOf(tokenId: string): Promise<CreationToken> {
    return (await load(this.#ports.journal, creationTokenDecider, creationTokenStream(tokenId))).state;
  }

  #now(): string {
    return isoMoment(this.#ports.clock());
  }

  #idOf(token: string): string {
    return this.#ports.vault.hash('creation-token', token);
  }

  #tell(
    tokenId: string,
    command: CreationTokenCommand,
    context: CommandContext,
  ): Promise<Handled<CreationToken, CreationTokenEvent> | Refusal> {
    return handle(this.#ports.journal, creationTokenDecider, creationTokenStream(tokenId), command, { context });
  }
}
