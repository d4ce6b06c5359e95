import { type CommandContext, isoMoment, Unavailable } from '@flexistream/kernel';
import type { Ports } from '@flexistream/service-host';
import { isOver } from './creation-token.ts';
import type { CreationTokens } from './creation-tokens.ts';
import { creationTokenStream } from './events.ts';
import { creationTokenView, type Reservation, reservations, type UnusedToken, type UsedToken, unusedTokens, usedTokens } from './view.ts';

const HOUR = 3_600_000;
/** Longer than any creation takes; a slow one that is fenced all the same starts over with a new id. */
const ABANDONED_AFTER_MS = 10_000;
const PAGE = 200;
/** Where the view is written with the event it is never late; else it follows within milliseconds. */
const VIEW_LATE_MS = 2_000;
/** A timer may come a little early, and must not look like a view that stands. */
const VIEW_WAIT_MS = VIEW_LATE_MS + 100;

/** What nobody asks for and still must be done with creation tokens. Each may be killed anywhere: the next round goes on. */
export class CreationTokenSweeps {
  readonly #ports: Ports;
  readonly #tokens: CreationTokens;

  constructor(ports: Ports, tokens: CreationTokens) {
    this.#ports = ports;
    this.#tokens = tokens;
  }

  /**
   * Ends reservations that a crash left open: accounts fences the id, so that afterwards it is an account or never will be; then the
   * token is used, or free again (design §6). One that fails holds up no other.
   * @throws AggregateError of those that failed.
   */
  async endAbandoned(context: CommandContext): Promise<void> {
    const below = isoMoment(this.#ports.clock() - ABANDONED_AFTER_MS);
    const open = await this.#ports.views.find<Reservation>(creationTokenView, reservations, {
      range: { field: 'at', below },
      order: { by: ['at'], direction: 'ascending' },
      limit: PAGE,
    });
    const failures: unknown[] = [];
    for (const reservation of open) await this.#end(reservation, context).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} reservations could not be ended`);
  }

  /**
   * Forgets tokens that nobody used and that expired a day ago. First what is personal is erased and the end of the stream is set, then
   * the fact is stated: before that a further round finds the token again.
   */
  async lapse(context: CommandContext): Promise<void> {
    for (;;) {
      const over = await this.#over();
      let lapsed = 0;
      for (const { tokenId } of over) {
        if (!(await this.#tokens.isOver(tokenId))) continue; // reserved, or the view is late
        await this.#ports.vault.erase(creationTokenStream(tokenId));
        await this.#ports.journal.expire(creationTokenStream(tokenId), this.#ports.clock() + HOUR);
        await this.#tokens.lapse(tokenId, context);
        lapsed++;
      }
      if (over.length < PAGE || lapsed === 0) return;
    }
  }

  /**
   * Erases what the tokens of a deleted account hold. That it used them was heard before that it is gone.
   * @throws Unavailable while the view is behind: a token that it does not show yet would be kept for good.
   */
  async forget(accountId: number): Promise<void> {
    const { views, vault } = this.#ports;
    await this.#viewStands();
    for (let offset = 0; ; offset += PAGE) {
      const used = await views.find<UsedToken>(creationTokenView, usedTokens, { where: { accountId }, offset, limit: PAGE });
      for (const { tokenId } of used) await vault.erase(creationTokenStream(tokenId));
      if (used.length < PAGE) return;
    }
  }

  async #viewStands(): Promise<void> {
    const { journal, clock } = this.#ports;
    const since = clock();
    await journal.whenProjected(creationTokenView, await journal.head(), VIEW_WAIT_MS);
    if (clock() - since >= VIEW_LATE_MS) throw new Unavailable('the view of creation tokens is behind');
  }

  /** A page of the oldest tokens that may be over. */
  async #over(): Promise<readonly UnusedToken[]> {
    const unused = await this.#ports.views.find<UnusedToken>(creationTokenView, unusedTokens, {
      order: { by: ['at'], direction: 'ascending' },
      limit: PAGE,
    });
    const now = isoMoment(this.#ports.clock());
    return unused.filter(({ at }) => isOver(at, now, this.#tokens.lifetimeMinutes));
  }

  async #end({ tokenId, accountId }: Reservation, context: CommandContext): Promise<void> {
    const { state } = await this.#ports.ask('accounts.fence', { accountId }, context);
    if (state === 'created') await this.#tokens.markUsed(tokenId, accountId, context);
    else await this.#tokens.release(tokenId, accountId, context);
  }
}
