import { Buffer } from 'node:buffer';
import { Failure, type JsonObject, payloadTooLarge, readJson, tidy, unsupportedMediaType } from '@flexistream/http';
import { headerOf } from './header-text.ts';
import { http2Stream, type Incoming } from './incoming.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

const none: JsonObject = Object.freeze({});

/** Told by its headers to be too large: 413 before anything else is looked at (spec auth-and-errors.md §3, step 2). */
export const announcesTooMuch = (request: Incoming, maxBytes: number): boolean => {
  const announced = request.headers['content-length'];
  return announced !== undefined && Number(announced) > maxBytes;
};

export const hasBody = (request: Incoming): boolean => {
  const stream = http2Stream(request);
  if (stream !== undefined) return !stream.endAfterHeaders;
  const { headers } = request;
  const length = headers['content-length'];
  return (length !== undefined && length !== '0') || headers['transfer-encoding'] !== undefined;
};

/**
 * The JSON object of the body whatever its type says, tidied; {} when empty.
 * @throws Failure 400, 408, 413, 415
 */
export const readBody = async (request: Incoming, limits: BodyLimits): Promise<JsonObject> => {
  const bytes = await readBytes(request, limits);
  if (bytes.length === 0) return none;
  if (isMultipart(headerOf(request.headers['content-type']))) throw unsupportedMediaType();
  return tidy(readJson(bytes));
};

const isMultipart = (type: string | undefined): boolean => type !== undefined && /^\s*multipart\//i.test(type);

const readBytes = (request: Incoming, { maxBytes, timeoutMs }: BodyLimits): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const late = setTimeout(() => end(() => reject(tooLate())), timeoutMs);
    const end = (settle: () => void): void => {
      clearTimeout(late);
      request.off('data', take).off('end', finish).off('aborted', gone).off('close', gone);
      settle();
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) end(() => reject(payloadTooLarge()));
      else chunks.push(chunk);
    };
    const finish = (): void => end(() => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)));
    const gone = (): void => end(() => reject(new ClientGone('the client ended the request')));
    request.on('data', take).on('end', finish).on('aborted', gone).on('close', gone).on('error', ignore);
  });

const tooLate = (): Failure => new Failure(408, { key: 'verbatim', values: { text: 'Request Timeout' } });

const ignore = (): void => undefined;

/** Nobody is left to answer. */
export class ClientGone extends Error {
  readonly code = 'gateway/client-gone';
}

export const isClientGone = (error: unknown): error is ClientGone =>
  error instanceof Error && 'code' in error && error.code === 'gateway/client-gone';
