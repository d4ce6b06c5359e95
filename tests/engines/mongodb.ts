import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { startChild } from './child.ts';
import { type Image, startContainer } from './containers.ts';
import { type Engine, givenEngine, missingEngine, ownEngine } from './engine.ts';
import { outputOf } from './programs.ts';

const NAME = 'MongoDB';
const IMAGE: Image = {
  name: NAME,
  image: 'mongo',
  version: '8.0',
  port: 27_017,
  ready: /Waiting for connections/,
  env: (host, port) => ({ MONGODB_URL: `mongodb://${host}:${port}/` }),
};
const sources = join(import.meta.dirname, 'ferretdb');
const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'flexistream-engines');

/** `MONGODB_URL`, or a container, or FerretDB in its place. */
export const startMongoDb = async (): Promise<Engine> => {
  const { MONGODB_URL } = process.env;
  if (MONGODB_URL) return givenEngine(NAME, 'as given', { MONGODB_URL });
  return (await startContainer(IMAGE)) ?? startOwnMongoDb();
};

/** MongoDB's wire protocol on SQLite, built from FerretDB's Go module. */
export const startOwnMongoDb = async (): Promise<Engine> => {
  const program = await builtFerretDb();
  if (program === undefined) return missingEngine(NAME, 'FerretDB could not be built: it needs Go and its module proxy');
  const listen = `127.0.0.1:${await freePort()}`;
  const child = await startChild(program.path, (folder) => ['-folder', folder, '-listen', listen]);
  return ownEngine(child, () => child.line(/^mongodb:/), {
    name: NAME,
    version: `FerretDB ${program.version}`,
    kind: 'stand-in',
    why: 'FerretDB with SQLite, one command at a time',
    env: { MONGODB_URL: `mongodb://${listen}/` },
  });
};

/** Built once for each version of its sources. */
const builtFerretDb = async (): Promise<{ readonly path: string; readonly version: string } | undefined> => {
  const names = ['main.go', 'one_by_one.go', 'go.mod', 'go.sum'];
  const contents = await Promise.all(names.map((name) => readFile(join(sources, name), 'utf8')));
  const hash = createHash('sha256').update(contents.join('\n')).digest('hex').slice(0, 16);
  const path = join(cache, `ferretdb-${hash}`);
  const version = contents[2]?.match(/FerretDB\/FerretDB v(\S+)/)?.[1] ?? 'unknown';
  if (!existsSync(path)) {
    await mkdir(cache, { recursive: true });
    const unfinished = `${path}.${process.pid}`;
    const built = await outputOf('go', ['build', '-tags', 'ferretdb_no_postgresql', '-o', unfinished, '.'], { cwd: sources });
    if (built === undefined) return undefined;
    await rename(unfinished, path);
  }
  return { path, version };
};
