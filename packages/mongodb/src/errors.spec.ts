import { expect, test } from '@jest/globals';
import { type BulkWriteResult, MongoBulkWriteError, MongoNetworkError, MongoServerError } from 'mongodb';
import { translated } from './errors.ts';

const result = {} as BulkWriteResult;

test('a bulk write whose connection broke is an outage', async () => {
  const lost = new MongoBulkWriteError(new MongoNetworkError('interrupted'), result);
  await expect(translated(Promise.reject(lost))).rejects.toMatchObject({ code: 'unavailable' });
});

test('a bulk write that the server refuses is none, and its text stays out', async () => {
  const refused = new MongoBulkWriteError({ message: 'quotes jane', code: 2, writeErrors: [] } as never, result);
  await expect(translated(Promise.reject(refused))).rejects.toMatchObject({
    code: 'mongodb/refused',
    message: 'MongoDB refuses a command (2)',
  });
  const other = new MongoServerError({ message: 'quotes jane', code: 9 });
  await expect(translated(Promise.reject(other))).rejects.toMatchObject({ code: 'mongodb/refused' });
});
