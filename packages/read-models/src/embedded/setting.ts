import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writer } from '@flexistream/sqlite';
import type { InlineSetting, ReadModelsSetting } from '../contract.ts';
import { openReadModels, openServiceStore } from './index.ts';

/** A folder of its own, removed afterwards. */
const inFolder = async (makeWriter: () => Writer) => {
  const folder = await mkdtemp(join(tmpdir(), 'flexistream-read-models-'));
  const writer = makeWriter();
  return {
    folder,
    writer,
    [Symbol.asyncDispose]: async () => {
      await writer.close();
      await rm(folder, { recursive: true });
    },
  };
};

export const readModelsSetting = (makeWriter: () => Writer) => async (): Promise<ReadModelsSetting & AsyncDisposable> => {
  const place = await inFolder(makeWriter);
  return { ...place, open: () => openReadModels({ file: join(place.folder, 'views.db'), writer: place.writer }) };
};

export const serviceSetting = (makeWriter: () => Writer) => async (): Promise<InlineSetting & AsyncDisposable> => {
  const place = await inFolder(makeWriter);
  return { ...place, open: () => openServiceStore({ file: join(place.folder, 'service.db'), writer: place.writer }) };
};
