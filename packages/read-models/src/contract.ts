import { type Arrange, describeContract, type Promises } from '@flexistream/kernel/contract';
import { applyPromises } from './contract/applying.ts';
import { closePromises } from './contract/closing.ts';
import { findPromises } from './contract/finding.ts';
import { inlinePromises } from './contract/inline.ts';
import { parkPromises } from './contract/parking.ts';
import { rebuildPromises } from './contract/rebuilding.ts';
import type { InlineSetting, ReadModelsSetting } from './contract/setting.ts';

export { inlinePromises } from './contract/inline.ts';
export type { InlineSetting, ReadModelsSetting } from './contract/setting.ts';

/** What every engine of read models keeps. */
export const readModelsPromises: Promises<ReadModelsSetting> = {
  ...applyPromises,
  ...findPromises,
  ...parkPromises,
  ...rebuildPromises,
  ...closePromises,
};

export const readModelsContract = (name: string, arrange: Arrange<ReadModelsSetting>): void =>
  describeContract(`${name} as read models`, readModelsPromises, arrange);

/** What a log and read models keep that share one engine (`appendsViews`). */
export const inlineContract = (name: string, arrange: Arrange<InlineSetting>): void =>
  describeContract(`${name} as a log with inline views`, inlinePromises, arrange);
