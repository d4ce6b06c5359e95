import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';

/**
 * The messages that the client was generated from. The adapter speaks them itself where the client's own methods fall short in 6.2.1:
 * `readAll` cannot filter, reads have no deadline, `getStreamMetadata` gives a commit position for a revision, and in-flight appends of
 * all connections share one table, so that an answer on one connection after another one broke throws in the middle of nowhere
 * (dist/streams/{readAll,readStream,getStreamMetadata}.js, dist/streams/appendToStream/batchAppend.js).
 */
export const { StreamsClient } = streamsGrpc;
export const { BatchAppendReq, ReadReq } = streams;
export const { Empty, StreamIdentifier, UUID, WrongExpectedVersion } = shared;

export type BatchAppendRequest = InstanceType<typeof streams.BatchAppendReq>;
export type BatchAppendResponse = InstanceType<typeof streams.BatchAppendResp>;
export type ReadRequest = InstanceType<typeof streams.ReadReq>;
export type ReadResponse = InstanceType<typeof streams.ReadResp>;
export type RecordedEvent = InstanceType<typeof streams.ReadResp.ReadEvent.RecordedEvent>;
export type StreamsCalls = InstanceType<typeof streamsGrpc.StreamsClient>;

export const identify = (stream: string) => {
  const identifier = new StreamIdentifier();
  identifier.setStreamName(new Uint8Array(Buffer.from(stream, 'utf8')));
  return identifier;
};
