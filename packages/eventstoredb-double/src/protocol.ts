import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import statusMessages from '@eventstore/db-client/generated/status_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import anyMessages from 'google-protobuf/google/protobuf/any_pb.js';

/** The messages and services that the published client was generated from: the double speaks no protocol of its own. */
export const { StreamsService } = streamsGrpc;
export const { ServerFeaturesService } = featuresGrpc;
export const { SupportedMethod, SupportedMethods } = features;
export const { AppendResp, BatchAppendReq, BatchAppendResp, DeleteResp, ReadReq, ReadResp } = streams;
export const { AllStreamPosition, Empty, StreamDeleted, StreamIdentifier, Timeout, UUID, WrongExpectedVersion } = shared;
export const { Status } = statusMessages;
export const { Any } = anyMessages;

export type AppendRequest = InstanceType<typeof streams.AppendReq>;
export type AppendResponse = InstanceType<typeof streams.AppendResp>;
export type BatchAppendRequest = InstanceType<typeof streams.BatchAppendReq>;
export type BatchAppendResponse = InstanceType<typeof streams.BatchAppendResp>;
export type DeleteRequest = InstanceType<typeof streams.DeleteReq>;
export type DeleteResponse = InstanceType<typeof streams.DeleteResp>;
export type ReadOptions = InstanceType<typeof streams.ReadReq.Options>;
export type ReadRequest = InstanceType<typeof streams.ReadReq>;
export type ReadResponse = InstanceType<typeof streams.ReadResp>;

export const nameIn = (identifier: InstanceType<typeof shared.StreamIdentifier> | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

export const identifierOf = (stream: string) => {
  const identifier = new StreamIdentifier();
  identifier.setStreamName(new Uint8Array(Buffer.from(stream, 'utf8')));
  return identifier;
};
