import { afterAll, beforeAll } from '@jest/globals';
import { eventStoreContract } from '../contract.ts';
import { doubleForSpecs, eventStoreDbSetting } from './engine-for-specs.ts';

const given = process.env.EVENTSTORE_URL;
let double: Awaited<ReturnType<typeof doubleForSpecs>> | undefined;

beforeAll(async () => {
  if (given === undefined) double = await doubleForSpecs();
});
afterAll(() => double?.stop());

eventStoreContract(
  given === undefined ? "EventStoreDB's double" : 'EventStoreDB',
  eventStoreDbSetting(() => given ?? double?.url ?? ''),
);
