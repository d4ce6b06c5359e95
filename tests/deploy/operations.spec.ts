import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { processesRead, withSettings } from './documented-settings.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'operations.md'), 'utf8');

describe('docs/operations.md', () => {
  test('has every variable as the processes read it (node_modules/.bin/node scripts/document-settings.mjs)', () => {
    expect(page).toBe(withSettings(page));
    for (const variable of processesRead()) expect(page).toContain(`| \`${variable}\` |`);
  });

  test('would be stale with another default', () => {
    expect(withSettings(page.replace('| `9464` |', '| `9465` |'))).toBe(page);
  });

  test('says of every alert what to do', () => {
    const { groups } = parse(readFileSync(join(root, 'deploy', 'observability', 'alerts.yaml'), 'utf8'));
    const alerts: string[] = groups.flatMap(({ rules }: { rules: { alert: string }[] }) => rules.map(({ alert }) => alert));
    const told = [...page.matchAll(/^\| (Flexistream\w+) \|/gm)].map(([, name]) => name);
    expect(told.sort()).toEqual(alerts.sort());
  });

  test('leads to headings and files that exist', () => {
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, text]) => text?.toLowerCase().replaceAll(' ', '-'));
    for (const [, anchor] of page.matchAll(/\]\(#([^)]*)\)/g)) expect(headings).toContain(anchor);
    for (const [, file = ''] of page.matchAll(/`((?:deploy|scripts)\/[\w./-]+)`/g))
      expect(() => readFileSync(join(root, file))).not.toThrow(/ENOENT/);
  });
});
