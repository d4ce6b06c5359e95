import { randomUUID } from 'node:crypto';
import type { ExpectedRevision } from '@flexistream/kernel';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { asNumber, type asProposed } from './codec.ts';
import { failureOf, Refused, StreamIsDeleted, Unsure, WrongRevision } from './failures.ts';
import { BatchAppendReq, type BatchAppendRequest, type BatchAppendResponse, UUID, WrongExpectedVersion } from './protocol.ts';
import { appendOptions } from './requests.ts';

export interface LaneAppend {
  readonly stream: string;
  readonly expect: ExpectedRevision;
  readonly events: readonly ReturnType<typeof asProposed>[];
}

/** `position`: undefined where the server repeats itself and does not look it up. */
export interface LaneAnswer {
  readonly revision: number;
  readonly position: number | undefined;
}

type Call = ClientDuplexStream<BatchAppendRequest, BatchAppendResponse>;

interface Waiting {
  readonly answer: (answer: LaneAnswer) => void;
  readonly fail: (failure: Error) => void;
  readonly sentAfter: number;
}

/**
 * Appends one behind the other on one call, without waiting for the answer of the one before: the server keeps their order
 * and answers under the id of each. When the call breaks, the outcome of all that wait is unknown.
 */
export class AppendLane {
  readonly #open: () => Promise<Call>;
  #run: Promise<Run> | undefined;
  #closed = false;

  constructor(open: () => Promise<Call>) {
    this.#open = open;
  }

  /** @throws WrongRevision, StreamIsDeleted, Refused, RangeError when it is too large, Unsure */
  async send(append: LaneAppend, timeoutMs: number): Promise<LaneAnswer> {
    this.#run ??= this.#start();
    const run = await this.#run; // all that wait here go on in the order in which they came
    return run.send(append, timeoutMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const run = await this.#run?.catch(() => undefined);
    run?.cancel();
  }

  async #start(): Promise<Run> {
    if (this.#closed) throw new Unsure('the connection is closed');
    const starting = this.#open();
    const forget = () => {
      this.#run = undefined;
    };
    try {
      return new Run(await starting, forget);
    } catch (error) {
      forget();
      throw failureOf(error);
    }
  }
}

/** One call of the lane, with what waits for an answer on it and on no other. */
class Run {
  readonly #call: Call;
  readonly #waiting = new Map<string, Waiting>();
  #answers = 0;
  #broken: Error | undefined;

  constructor(call: Call, ended: () => void) {
    this.#call = call;
    const end = (failure: Error) => {
      if (this.#broken !== undefined) return;
      this.#broken = failure;
      ended();
      for (const { fail } of this.#waiting.values()) fail(failure);
      this.#waiting.clear();
    };
    call.on('data', (response: BatchAppendResponse) => this.#answer(response));
    call.on('error', (error) => end(failureOf(error)));
    call.on('end', () => {
      end(new Unsure('the server ended the call'));
      call.end();
    });
  }

  send({ stream, expect, events }: LaneAppend, timeoutMs: number): Promise<LaneAnswer> {
    if (this.#broken !== undefined) throw this.#broken;
    const id = randomUUID();
    const correlation = new UUID();
    correlation.setString(id);
    const request = new BatchAppendReq();
    request.setCorrelationId(correlation);
    request.setOptions(appendOptions(stream, expect));
    request.setProposedMessagesList([...events]);
    request.setIsFinal(true);
    const { promise, resolve, reject } = Promise.withResolvers<LaneAnswer>();
    const timer = setTimeout(() => this.#giveUp(id), timeoutMs);
    const settled = () => {
      clearTimeout(timer);
      this.#waiting.delete(id);
    };
    this.#waiting.set(id, {
      sentAfter: this.#answers,
      answer: (answer) => {
        settled();
        resolve(answer);
      },
      fail: (failure) => {
        settled();
        reject(failure);
      },
    });
    this.#call.write(request);
    return promise;
  }

  cancel(): void {
    this.#call.cancel();
  }

  /** A call on which nothing at all was answered meanwhile is taken for dead. */
  #giveUp(id: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    const silent = waiting.sentAfter === this.#answers;
    waiting.fail(new Unsure('an append was not answered in time'));
    if (silent) this.#call.cancel();
  }

  #answer(response: BatchAppendResponse): void {
    this.#answers++;
    const waiting = this.#waiting.get(response.getCorrelationId()?.getString() ?? '');
    if (waiting === undefined) return; // given up before; its resend has an answer of its own
    try {
      waiting.answer(answerOf(response));
    } catch (error) {
      waiting.fail(error instanceof Error ? error : new Unsure('an answer cannot be read'));
    }
  }
}

const answerOf = (response: BatchAppendResponse): LaneAnswer => {
  const success = response.getSuccess();
  if (success === undefined) throw errorOf(response);
  const position = success.getPosition()?.getCommitPosition();
  return {
    revision: asNumber(success.getCurrentRevision()),
    position: position === undefined || !Number.isSafeInteger(Number(position)) ? undefined : Number(position), // -1 comes as 2^64 - 1
  };
};

/** The details' types and what they mean: dist/streams/appendToStream/unpackError.js of the client. */
const errorOf = (response: BatchAppendResponse): Error => {
  const status = response.getError();
  const details = status?.getDetails();
  switch (details?.getTypeName()) {
    case 'event_store.client.WrongExpectedVersion': {
      const wrong = details.unpack(WrongExpectedVersion.deserializeBinary, details.getTypeName());
      return new WrongRevision(wrong?.hasCurrentStreamRevision() === true ? asNumber(wrong.getCurrentStreamRevision()) : undefined);
    }
    case 'event_store.client.StreamDeleted':
      return new StreamIsDeleted('the stream is deleted');
    case 'event_store.client.MaximumAppendSizeExceeded':
      return new RangeError('an append is too large');
    case 'event_store.client.AccessDenied':
    case 'event_store.client.BadRequest':
    case 'event_store.client.InvalidTransaction':
      return new Refused(details.getTypeName());
    default:
      return new Unsure(`the server answers: ${status?.getMessage() || 'an error without a name'}`);
  }
};
