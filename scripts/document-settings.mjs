// Writes the table of variables into docs/operations.md. Node 24 runs it: node_modules/.bin/node scripts/document-settings.mjs
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withSettings } from '../tests/deploy/documented-settings.ts';

const page = join(import.meta.dirname, '..', 'docs', 'operations.md');
await writeFile(page, withSettings(await readFile(page, 'utf8')));
