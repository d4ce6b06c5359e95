import { BSON } from 'mongodb';
import type { Document } from '../port.ts';
import { encoded } from './field-names.ts';

/** MongoDB's limit for one document ("MongoDB Limits and Thresholds"), less what stands beside ours: id, position, marks. */
const LARGEST_BYTES = (16 * 1024 - 64) * 1024;
/** Binary documents are at most so many times as long as their text: a list of empty lists is the worst. */
const MOST_BYTES_A_SIGN = 8;

/** A document as MongoDB takes it; one that is too large is found before anything of its batch is written. @throws TypeError, RangeError */
export const storable = (document: Document): Document => {
  const text = JSON.stringify(document);
  const whole = encoded(JSON.parse(text));
  if (text.length * MOST_BYTES_A_SIGN > LARGEST_BYTES && BSON.calculateObjectSize(whole) > LARGEST_BYTES) {
    throw new RangeError('a document is too large for MongoDB');
  }
  return whole;
};
