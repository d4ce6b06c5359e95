import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, rounded } from './budget.ts';
import { machine } from './machine.ts';

const file = join(import.meta.dirname, 'RESULTS.md');
const [BEGIN, END] = ['<!-- written by bench/run.ts: begin -->', '<!-- end -->'];

/** `me by key: 0.66 × (0.64–0.69); budget ≥ 0.6 × bare Express GET: held. 11,095/s, …` */
export const lineOf = (finding: Finding): string =>
  `${finding.name}: ${measuredValue(finding)}; budget ${finding.budget}: ${verdict(finding, 'MISSED')}. ${finding.details}`;

const verdict = ({ holds }: Finding, missed: string): string => (holds === undefined ? 'told' : holds ? 'held' : missed);

const measuredValue = ({ value, spread, unit }: Finding): string =>
  `${rounded(value)} ${unit}${spread === undefined ? '' : ` (${rounded(spread.min)}–${rounded(spread.max)})`}`;

const rowOf = (finding: Finding, measured: string): string =>
  `| ${finding.name} | ${finding.budget} | ${measuredValue(finding)} | ${verdict(finding, '**missed**')} | ${finding.details} | ${measured} |`;

const nameOf = (row: string): string => row.split('|')[1]?.trim() ?? '';

/** Renews the rows of what was measured; other rows, and everything written by hand around the table, stay. */
export const writeResults = async (findings: readonly Finding[], command: string): Promise<void> => {
  const text = await readFile(file, 'utf8').catch(() => `# Results\n\n${BEGIN}\n${END}\n`);
  const [before = '', rest = ''] = text.split(BEGIN);
  const [table = '', after = ''] = rest.split(END);
  const kept = table.split('\n').filter((line) => line.startsWith('| ') && !['what', '---'].includes(nameOf(line)));
  const measured = `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const rows = new Map(kept.map((row) => [nameOf(row), row]));
  for (const finding of findings) rows.set(finding.name, rowOf(finding, measured));
  const head = [
    `Last run: \`${command}\``,
    '',
    `Machine: ${await machine()}`,
    '',
    '| what | budget | median (lowest–highest run) | | numbers | measured |',
    '|---|---|---|---|---|---|',
  ];
  await writeFile(file, `${before}${BEGIN}\n${[...head, ...rows.values()].join('\n')}\n${END}${after}`);
};
