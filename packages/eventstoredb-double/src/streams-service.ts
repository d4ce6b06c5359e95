import { setTimeout as wait } from 'node:timers/promises';
import type {
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceError,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import {
  batchAnswer,
  batchFailure,
  callError,
  deadlineExceeded,
  notLeader,
  streamDeleted,
  unavailable,
  wrongExpectedVersion,
} from './answers.ts';
import type { Expected } from './commit-check.ts';
import type { Fault, Faults, Operation } from './faults.ts';
import type { News } from './news.ts';
import {
  type AppendRequest,
  AppendResp,
  type AppendResponse,
  type BatchAppendReq,
  type BatchAppendRequest,
  type BatchAppendResponse,
  type DeleteRequest,
  DeleteResp,
  type DeleteResponse,
  Empty,
  nameIn,
  type ReadRequest,
  type ReadResponse,
} from './protocol.ts';
import { readAll, readStream } from './reading.ts';
import type { ProposedRecord, RecordLog } from './record-log.ts';
import { follow } from './subscribing.ts';
import type { LogWriter, Written } from './writer.ts';

export interface ServiceParts {
  readonly log: RecordLog;
  readonly writer: LogWriter;
  readonly news: News;
  readonly faults: Faults;
  readonly subscriptions: Set<ServerWritableStream<ReadRequest, ReadResponse>>;
  readonly cut: () => void;
  readonly port: () => number;
}

type BatchCall = ServerDuplexStream<BatchAppendRequest, BatchAppendResponse>;

interface Append {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: ProposedRecord[];
}

/** event_store.client.streams.Streams, but for hard deletion. */
export class StreamsDouble {
  readonly #parts: ServiceParts;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  implementation(): UntypedServiceImplementation {
    return {
      batchAppend: (call: BatchCall) => this.#batchAppend(call),
      append: (call: ServerReadableStream<AppendRequest, AppendResponse>, answer: sendUnaryData<AppendResponse>) =>
        void this.#appendOnce(call, answer),
      delete: (call: ServerUnaryCall<DeleteRequest, DeleteResponse>, answer: sendUnaryData<DeleteResponse>) =>
        void this.#delete(call.request, answer),
      read: (call: ServerWritableStream<ReadRequest, ReadResponse>) => void this.#read(call),
      tombstone: (_: unknown, answer: sendUnaryData<never>) =>
        answer(callError(status.UNIMPLEMENTED, 'the double deletes softly only'), null),
    };
  }

  /** Parts of one append come under one correlation id, the last one is final (Streams.BatchAppend.cs, Receive). */
  #batchAppend(call: BatchCall): void {
    const parts = new Map<string, Append>();
    call.on('data', (request: BatchAppendRequest) => {
      const id = request.getCorrelationId()?.getString() ?? '';
      const options = request.getOptions();
      if (options !== undefined) {
        parts.set(id, { stream: nameIn(options.getStreamIdentifier()), expected: expectedIn(options), events: [] });
      }
      const append = parts.get(id);
      if (append === undefined) return;
      append.events.push(...request.getProposedMessagesList().map(recordOf));
      if (!request.getIsFinal()) return;
      parts.delete(id);
      void this.#batchOne(call, request, append);
    });
    call.on('end', () => call.end());
    call.on('error', () => {}); // the other side went away
  }

  async #batchOne(call: BatchCall, request: BatchAppendRequest, { stream, expected, events }: Append): Promise<void> {
    const correlation = request.getCorrelationId();
    const answer = (response: BatchAppendResponse) => {
      if (!call.cancelled && !call.destroyed) call.write(response);
    };
    const fault = this.#parts.faults.take('append');
    const write = () => this.#parts.writer.append(stream, expected, events);
    switch (fault?.kind) {
      case 'wrong-expected-version':
        return answer(batchAnswer(correlation, stream, { result: fault.kind, current: this.#parts.log.lastRevision(stream) }));
      case 'not-ready':
        return answer(batchFailure(correlation, stream, 'not-ready'));
      case 'deadline-exceeded':
        if (fault.done) await write();
        return answer(batchFailure(correlation, stream, 'timeout'));
      default: {
        const written = await this.#through(fault, write);
        if (written instanceof Error) call.emit('error', written);
        else if (written !== undefined) answer(batchAnswer(correlation, stream, written));
      }
    }
  }

  /** What a fault leaves of a piece of work: its result, the error of the whole call, or undefined where nobody answers. */
  async #through<T>(fault: Fault | undefined, work: () => T | Promise<T>): Promise<T | ServiceError | undefined> {
    switch (fault?.kind) {
      case 'delay':
        await wait(fault.ms);
        return this.#parts.log.isOpen ? work() : undefined;
      case 'silence':
        await work();
        return undefined;
      case 'cut':
        if (fault.done) await work();
        this.#parts.cut();
        return undefined;
      case 'unavailable':
      case 'not-ready':
        return unavailable();
      case 'deadline-exceeded':
        if (fault.done) await work();
        return deadlineExceeded();
      case 'not-leader':
        return notLeader(fault.host, this.#parts.port());
      default:
        return work();
    }
  }

  async #appendOnce(call: ServerReadableStream<AppendRequest, AppendResponse>, answer: sendUnaryData<AppendResponse>): Promise<void> {
    let stream = '';
    let expected: Expected = 'any';
    const events: ProposedRecord[] = [];
    for await (const request of call as AsyncIterable<AppendRequest>) {
      const [options, message] = [request.getOptions(), request.getProposedMessage()];
      if (options !== undefined) {
        stream = nameIn(options.getStreamIdentifier());
        expected = options.hasRevision() ? Number(options.getRevision()) : namedExpectation(options);
      }
      if (message !== undefined) events.push(recordOf(message));
    }
    const fault = this.#parts.faults.take('append');
    const written = await this.#through(fault, () => this.#parts.writer.append(stream, expected, events));
    if (written === undefined) return;
    if (written instanceof Error) answer(written, null);
    else answerOnce(stream, written, answer);
  }

  async #delete(request: DeleteRequest, answer: sendUnaryData<DeleteResponse>): Promise<void> {
    const options = request.getOptions();
    const stream = nameIn(options?.getStreamIdentifier());
    const expected = options === undefined ? 'any' : options.hasRevision() ? Number(options.getRevision()) : namedExpectation(options);
    const fault = this.#parts.faults.take('delete');
    const wrong = fault?.kind === 'wrong-expected-version';
    const written = await this.#through(fault, () =>
      wrong ? wrongNow(this.#parts.log, stream) : this.#parts.writer.delete(stream, expected),
    );
    if (written === undefined) return;
    if (written instanceof Error) return answer(written, null);
    switch (written.result) {
      case 'written': {
        const position = new DeleteResp.Position();
        position.setCommitPosition(String(written.position));
        position.setPreparePosition(String(written.position));
        const response = new DeleteResp();
        response.setPosition(position);
        return answer(null, response);
      }
      case 'deleted':
        return answer(streamDeleted(stream), null);
      case 'wrong-expected-version':
        return answer(wrongExpectedVersion(stream, typeof expected === 'number' ? String(expected) : '-1', written.current), null);
    }
  }

  async #read(call: ServerWritableStream<ReadRequest, ReadResponse>): Promise<void> {
    const options = call.request.getOptions();
    if (options === undefined) return void call.emit('error', callError(status.INVALID_ARGUMENT, 'no options'));
    call.on('error', () => {}); // the other side went away
    const { log, news, subscriptions, faults } = this.#parts;
    const subscribes = options.hasSubscription();
    const operation: Operation = subscribes ? 'subscribe' : 'read';
    const fault = faults.take(operation);
    const failed = await this.#through(fault, async () => {
      if (fault?.kind === 'silence' || !log.isOpen) return;
      if (subscribes) {
        subscriptions.add(call);
        await follow(call, options, log, news).finally(() => subscriptions.delete(call));
        return;
      }
      const responses = options.hasAll() ? readAll(log, options) : readStream(log, options, Date.now());
      for (const response of responses) call.write(response);
      call.end();
    });
    if (failed instanceof Error) call.emit('error', failed);
  }
}

const wrongNow = (log: RecordLog, stream: string): Written => ({ result: 'wrong-expected-version', current: log.lastRevision(stream) });

const expectedIn = (options: InstanceType<typeof BatchAppendReq.Options>): Expected =>
  options.hasStreamPosition() ? Number(options.getStreamPosition()) : namedExpectation(options);

interface Named {
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}

const namedExpectation = (options: Named): Expected =>
  options.hasNoStream() ? 'no-stream' : options.hasStreamExists() ? 'stream-exists' : 'any';

type Proposed = Pick<
  InstanceType<typeof BatchAppendReq.ProposedMessage>,
  'getId' | 'getMetadataMap' | 'getData_asU8' | 'getCustomMetadata_asU8'
>;

const recordOf = (message: Proposed): ProposedRecord => ({
  id: message.getId()?.getString().toLowerCase() ?? '',
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: message.getData_asU8(),
  metadata: message.getCustomMetadata_asU8(),
});

const answerOnce = (stream: string, written: Written, answer: sendUnaryData<AppendResponse>): void => {
  if (written.result === 'deleted') {
    answer(streamDeleted(stream), null);
    return;
  }
  const response = new AppendResp();
  if (written.result === 'written') {
    const success = new AppendResp.Success();
    success.setCurrentRevision(String(written.revision));
    if (written.position === undefined) success.setNoPosition(new Empty());
    else {
      const position = new AppendResp.Position();
      position.setCommitPosition(String(written.position));
      position.setPreparePosition(String(written.position));
      success.setPosition(position);
    }
    response.setSuccess(success);
  } else {
    const wrong = new AppendResp.WrongExpectedVersion();
    if (written.current < 0) wrong.setCurrentNoStream(new Empty());
    else wrong.setCurrentRevision(String(written.current));
    response.setWrongExpectedVersion(wrong);
  }
  answer(null, response);
};
