import { hash } from 'node:crypto';

/**
 * Streams are indexed by 64 bits of a hash of their name: an integer index costs far less than one of random text (design §8). Two names
 * may share a hash, so whoever uses it compares the name too.
 */
export const streamHash = (stream: string): bigint => hash('sha256', stream, 'buffer').readBigInt64BE(0);
