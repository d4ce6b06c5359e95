import type { Metadata, NewEvent, StoredEvent } from '@flexistream/kernel';
import { BatchAppendReq, type RecordedEvent, UUID } from './protocol.ts';

const CONTENT_TYPE = 'application/json';

/** Data as JSON; the metadata that stands beside it carries the schema's version too. */
export const asProposed = ({ id, type, schema, data, metadata }: NewEvent) => proposed(id, type, data, { ...metadata, schema });

/** A stream's metadata is an event of its metastream (EventStoreDB docs, "Stream metadata and reserved names"). */
export const asProposedMetadata = (id: string, metadata: object) => proposed(id, '$metadata', metadata);

const proposed = (id: string, type: string, data: object, metadata?: object) => {
  const message = new BatchAppendReq.ProposedMessage();
  const uuid = new UUID();
  uuid.setString(id);
  message.setId(uuid);
  message.getMetadataMap().set('type', type).set('content-type', CONTENT_TYPE);
  message.setData(utf8(data));
  if (metadata !== undefined) message.setCustomMetadata(utf8(metadata));
  return message;
};

/** @throws RangeError for what this adapter did not write. */
export const asStored = (recorded: RecordedEvent, namespace: string): StoredEvent => {
  const { schema, ...metadata } = parsed(recorded.getCustomMetadata_asU8()) as Metadata & { readonly schema: number };
  return {
    stream: streamOf(recorded).slice(namespace.length),
    revision: revisionOf(recorded),
    position: positionOf(recorded),
    id: recorded.getId()?.getString() ?? '',
    type: recorded.getMetadataMap().get('type') ?? '',
    schema,
    data: dataOf(recorded),
    metadata,
  };
};

export const dataOf = (recorded: RecordedEvent): object => parsed(recorded.getData_asU8());

export const revisionOf = (recorded: RecordedEvent): number => asNumber(recorded.getStreamRevision());

/**
 * The place in the log of the event's own record. It differs for the events of one append, while the prepare position is that of
 * the first of them (EventStore, src/EventStore.Core/Services/Transport/Grpc/Streams.Read.cs, ConvertToRecordedEvent).
 */
export const positionOf = (recorded: RecordedEvent): number => asNumber(recorded.getCommitPosition());

/** When the server wrote it, in milliseconds since 1970; the protocol counts 100 ns (dist/utils/convertGrpcEvent.js). */
export const createdAt = (recorded: RecordedEvent): number => Number(BigInt(recorded.getMetadataMap().get('created') ?? '0') / 10_000n);

const streamOf = (recorded: RecordedEvent): string =>
  Buffer.from(recorded.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');

/** The protocol counts in 64 bits, the port in the 53 of a number: enough for a log of nine petabytes. */
export const asNumber = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError('a position or revision beyond what a number holds');
  return number;
};

const utf8 = (value: object): Uint8Array => new Uint8Array(Buffer.from(JSON.stringify(value), 'utf8'));

const parsed = (bytes: Uint8Array): object => {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  if (typeof value !== 'object' || value === null) throw new RangeError('an event that holds no object');
  return value;
};
