import { AsyncLocalStorage } from 'node:async_hooks';
import type { Position } from '@flexistream/kernel';
import { counter } from '@flexistream/observability';
import { atMost } from './at-most.ts';
import type { Progress } from './journal.ts';
import type { AnyService } from './service.ts';

/** An answer waits at most this long for the views, then goes out all the same (design §5). */
const AT_MOST_MS = 1_000;

const late = counter('flexistream_answers_before_view', 'Answers that went out before the inline views had reached their position');

interface Written {
  position: Position;
}

/** Where inline views follow (the log and the documents are in different engines), the answer to a command waits for them. */
export class ReadYourWrites {
  readonly #written = new AsyncLocalStorage<Written>();

  note(position: Position): void {
    const written = this.#written.getStore();
    if (written !== undefined && position > written.position) written.position = position;
  }

  /** The service, whose handlers answer when `views` have reached what they wrote. */
  wrap(service: AnyService, views: readonly Progress[]): AnyService {
    if (views.length === 0) return service;
    const handlers = Object.entries(service.handlers).map(([id, handler]) => {
      const answering = handler as unknown as (call: unknown) => Promise<unknown>;
      const waiting = (call: unknown): Promise<unknown> => {
        const written: Written = { position: 0 };
        return this.#written.run(written, async () => {
          const answer = await answering(call);
          if (written.position > 0) await reached(views, written.position);
          return answer;
        });
      };
      return [id, waiting];
    });
    return { ...service, handlers: Object.fromEntries(handlers) };
  }
}

const reached = async (views: readonly Progress[], position: Position): Promise<void> => {
  if (!(await atMost(AT_MOST_MS, Promise.all(views.map((view) => view.whenReached(position)))))) late();
};
