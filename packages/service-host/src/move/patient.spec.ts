import { Unavailable } from '@flexistream/kernel';
import { expect, test } from '@jest/globals';
import { patient } from './patient.ts';

class Store {
  readonly name = 'store';
  #calls = 0;
  readonly #failures: number;
  constructor(failures: number) {
    this.#failures = failures;
  }
  async get(id: string): Promise<string> {
    if (this.#calls++ < this.#failures) throw new Unavailable('away');
    return `${id} after ${this.#calls}`;
  }
  async refuse(): Promise<void> {
    this.#calls++;
    throw new Error('refused');
  }
  async calls(): Promise<number> {
    return this.#calls;
  }
}

test('asks again while the engine is away', async () => {
  const store = patient(new Store(2));
  expect([store.name, await store.get('a')]).toEqual(['store', 'a after 3']);
});

test('gives up after its time', async () => {
  await expect(patient(new Store(2), -1).get('a')).rejects.toMatchObject({ code: 'unavailable' });
});

test('repeats nothing that was refused', async () => {
  const store = patient(new Store(0));
  await expect(store.refuse()).rejects.toThrow('refused');
  expect(await store.calls()).toBe(1);
});
