import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import {
  AllStreamPosition,
  Any,
  BatchAppendResp,
  Empty,
  identifierOf,
  ReadResp,
  type ReadResponse,
  Status,
  StreamDeleted,
  Timeout,
  UUID,
  WrongExpectedVersion,
} from './protocol.ts';
import type { LogRecord } from './record-log.ts';
import type { Written } from './writer.ts';

const TICKS_PER_MS = 10_000n;

/** Positions of an event: its own, and that of its append's first (Streams.Read.cs, ConvertToRecordedEvent). */
export const eventAnswer = (record: LogRecord): ReadResponse => {
  const recorded = new ReadResp.ReadEvent.RecordedEvent();
  const id = new UUID();
  id.setString(record.id);
  recorded.setId(id);
  recorded.setStreamIdentifier(identifierOf(record.stream));
  recorded.setStreamRevision(String(record.revision));
  recorded.setCommitPosition(String(record.position));
  recorded.setPreparePosition(String(record.transaction));
  recorded
    .getMetadataMap()
    .set('type', record.type)
    .set('content-type', record.contentType)
    .set('created', String(BigInt(record.created) * TICKS_PER_MS));
  recorded.setData(record.data);
  recorded.setCustomMetadata(record.metadata);
  const event = new ReadResp.ReadEvent();
  event.setEvent(recorded);
  event.setCommitPosition(String(record.position));
  const response = new ReadResp();
  response.setEvent(event);
  return response;
};

export const notFoundAnswer = (stream: string): ReadResponse => {
  const notFound = new ReadResp.StreamNotFound();
  notFound.setStreamIdentifier(identifierOf(stream));
  const response = new ReadResp();
  response.setStreamNotFound(notFound);
  return response;
};

export const confirmation = (id: string): ReadResponse => {
  const confirmed = new ReadResp.SubscriptionConfirmation();
  confirmed.setSubscriptionId(id);
  const response = new ReadResp();
  response.setConfirmation(confirmed);
  return response;
};

export const checkpointAt = (position: number): ReadResponse => {
  const checkpoint = new ReadResp.Checkpoint();
  checkpoint.setCommitPosition(String(position));
  checkpoint.setPreparePosition(String(position));
  const response = new ReadResp();
  response.setCheckpoint(checkpoint);
  return response;
};

export const caughtUp = (): ReadResponse => {
  const response = new ReadResp();
  response.setCaughtUp(new ReadResp.CaughtUp());
  return response;
};

/** The types of an error's details are those that the client unpacks (dist/streams/appendToStream/unpackError.js). */
export const batchAnswer = (correlation: InstanceType<typeof UUID> | undefined, stream: string, written: Written) => {
  const response = new BatchAppendResp();
  response.setCorrelationId(correlation);
  response.setStreamIdentifier(identifierOf(stream));
  switch (written.result) {
    case 'written': {
      const success = new BatchAppendResp.Success();
      success.setCurrentRevision(String(written.revision));
      if (written.position === undefined) success.setNoPosition(new Empty());
      else {
        const position = new AllStreamPosition();
        position.setCommitPosition(String(written.position));
        position.setPreparePosition(String(written.position));
        success.setPosition(position);
      }
      response.setSuccess(success);
      break;
    }
    case 'wrong-expected-version': {
      const wrong = new WrongExpectedVersion();
      if (written.current < 0) wrong.setCurrentNoStream(new Empty());
      else wrong.setCurrentStreamRevision(String(written.current));
      response.setError(statusOf('WrongExpectedVersion', wrong.serializeBinary()));
      break;
    }
    case 'deleted': {
      const deleted = new StreamDeleted();
      deleted.setStreamIdentifier(identifierOf(stream));
      response.setError(statusOf('StreamDeleted', deleted.serializeBinary()));
      break;
    }
  }
  return response;
};

/** Both come inside the call: Streams.BatchAppend.cs, ConvertMessage. */
export const batchFailure = (correlation: InstanceType<typeof UUID> | undefined, stream: string, failure: 'timeout' | 'not-ready') => {
  const response = new BatchAppendResp();
  response.setCorrelationId(correlation);
  response.setStreamIdentifier(identifierOf(stream));
  if (failure === 'timeout') response.setError(statusOf('Timeout', new Timeout().serializeBinary()));
  else response.setError(statusOf('Empty', new Empty().serializeBinary(), 'Server Is Not Ready'));
  return response;
};

const statusOf = (type: string, bytes: Uint8Array, message = '') => {
  const details = new Any();
  details.pack(bytes, `event_store.client.${type}`);
  const answer = new Status();
  answer.setMessage(message);
  answer.setDetails(details);
  return answer;
};

/** A call that fails as a whole; `exception` and its fields are trailers (dist/utils/CommandError.js). */
export const callError = (code: status, details: string, trailers: Readonly<Record<string, string>> = {}): ServiceError => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
};

export const unavailable = () => callError(status.UNAVAILABLE, 'Server Is Not Ready');
export const deadlineExceeded = () => callError(status.DEADLINE_EXCEEDED, 'Operation timed out');

export const notLeader = (host: string, port: number) =>
  callError(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const wrongExpectedVersion = (stream: string, expected: string, current: number) =>
  callError(status.FAILED_PRECONDITION, 'Append failed due to WrongExpectedVersion', {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': expected,
    'actual-version': String(current),
  });

export const streamDeleted = (stream: string) =>
  callError(status.FAILED_PRECONDITION, 'Event stream is deleted', { exception: 'stream-deleted', 'stream-name': stream });
