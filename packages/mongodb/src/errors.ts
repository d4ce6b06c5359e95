import { Unavailable } from '@flexistream/kernel';
import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from 'mongodb';

const DUPLICATE = 11_000;
const AUTHENTICATION_FAILED = 18;
const UNKNOWN_MECHANISM = 334;

/** A document with that id, or that value of a unique index, is there. */
export const isDuplicate = (error: unknown): boolean => error instanceof MongoServerError && error.code === DUPLICATE;

const outages = [
  MongoClientClosedError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
];
const passing = [MongoErrorLabel.RetryableWriteError, MongoErrorLabel.ResetPool];

/** What a server refuses has a code; a bulk write whose connection broke comes as a refusal without one. */
const isLostBulkWrite = (error: MongoError): boolean => error instanceof MongoBulkWriteError && error.code === undefined;

/** Whether it is the engine that failed, not what was asked of it. A write may have been done all the same. */
const isOutage = (error: unknown): boolean =>
  error instanceof MongoError &&
  (outages.some((outage) => error instanceof outage) || passing.some((label) => error.hasErrorLabel(label)) || isLostBulkWrite(error));

/** It answers, and does not let this process in. The driver counts that among the outages: the password may be about to change. */
const isRefusal = (error: unknown): boolean =>
  error instanceof MongoServerError && (error.code === AUTHENTICATION_FAILED || error.code === UNKNOWN_MECHANISM);
const REFUSAL = 'it refuses the credentials';

/** The engine would not take what it was given. Its own text is left out, and with it the cause: it may quote the document. */
export class RefusedByMongoDb extends Error {
  readonly code = 'mongodb/refused';
}

/**
 * Codes by which the server says that it does not take a document, whenever it comes (src/mongo/base/error_codes.yml): BadValue, FailedToParse,
 * TypeMismatch, Overflow (nested too deep), InvalidBSON, DollarPrefixedFieldName, InvalidIdField, InvalidDBRef, EmptyFieldName, DottedFieldName,
 * DocumentValidationFailure, CannotIndexParallelArrays, BSONObjectTooLarge, KeyTooLong. A full disk, a quota or a right that was taken is none.
 */
const OF_DOCUMENTS: ReadonlySet<unknown> = new Set([2, 9, 14, 15, 22, 52, 53, 55, 56, 57, 121, 171, 10_334, 17_280]);

/** Whether what was written is at fault, so that writing it again would not help. */
export const isDocumentRefused = (error: unknown): boolean =>
  error instanceof MongoServerError && !isOutage(error) && OF_DOCUMENTS.has(error.code);

/** @throws Unavailable for an outage, RefusedByMongoDb without the engine's text; duplicates and errors of our own as they are. */
export const translated = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (cause) {
    if (isOutage(cause))
      throw new Unavailable('MongoDB does not answer', { cause: isRefusal(cause) ? new RefusedByMongoDb(REFUSAL) : cause });
    if (cause instanceof MongoServerError && !isDuplicate(cause)) throw new RefusedByMongoDb(`MongoDB refuses a command (${cause.code})`);
    throw cause;
  }
};
