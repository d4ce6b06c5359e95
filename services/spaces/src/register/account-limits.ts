import { type CommandContext, derived } from '@flexistream/kernel';
import type { AskService } from '@flexistream/service-host';
import type { RegisterBook } from './book.ts';
import { liveSpace } from './unique.ts';

/** `max_accounts` is kept by accounts, who count: it is set there first, the register follows (design §4). */
export class AccountLimits {
  readonly #ask: AskService;
  readonly #book: RegisterBook;

  constructor(ask: AskService, book: RegisterBook) {
    this.#ask = ask;
    this.#book = book;
  }

  /** Sets a limit unless there are more accounts; then answers how many, and nothing has changed. */
  async tryTo(id: string, limit: number, context: CommandContext): Promise<number | undefined> {
    const answer = await this.#ask('accounts.setPlaces', { spaceId: id, limit, atLeastPresent: true }, derived(context, 'places wanted'));
    return answer.set ? undefined : answer.present;
  }

  /**
   * Has accounts keep the limit that the register says, 0 for a space that is not there: after a change, after one that was
   * refused or cut off, and by the sweep. Whoever sets a limit looks again afterwards, so the last one to set it sets the newest.
   */
  async settle(id: string, context: CommandContext): Promise<void> {
    for (let round = 1; ; round++) {
      const limit = await this.#registered(id);
      const asked = derived(context, `places settled, round ${round}`);
      await this.#ask('accounts.setPlaces', { spaceId: id, limit, atLeastPresent: false }, asked);
      if ((await this.#registered(id)) === limit) return;
    }
  }

  async #registered(id: string): Promise<number> {
    return liveSpace((await this.#book.current()).register, id)?.settings.max_accounts ?? 0;
  }
}
