import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Engine } from './engine.ts';

/** How the checks of one file ended. */
export interface Outcome {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface JestResult {
  readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

/** From jest's JSON; nothing when it wrote none. */
export const readOutcomes = async (file: string, root: string): Promise<readonly Outcome[]> => {
  const text = await readFile(file, 'utf8').catch(() => '{"testResults":[]}');
  const { testResults } = JSON.parse(text) as JestResult;
  return testResults.map(({ name, assertionResults }) => {
    const passed = assertionResults.filter(({ status }) => status === 'passed').length;
    const failed = assertionResults.filter(({ status }) => status === 'failed').length;
    return { file: relative(root, name), passed, failed, skipped: assertionResults.length - passed - failed };
  });
};

/** Engines, then suites; what was skipped is said. */
export const tableOf = (engines: readonly Engine[], outcomes: readonly Outcome[]): string => {
  const rows = engines.map(({ name, version, kind, why = '' }) => [name, version, kind, why]);
  const suites = outcomes.map(({ file, passed, failed, skipped }) => [file, `${passed} passed`, `${failed} failed`, `${skipped} skipped`]);
  return `\n${aligned([['engine', 'version', 'kind', 'from'], ...rows])}\n\n${aligned([['suite', '', '', ''], ...suites])}\n`;
};

const aligned = (rows: readonly (readonly string[])[]): string => {
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, index) => Math.max(widest[index] ?? 0, cell.length)), []);
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
