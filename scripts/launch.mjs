// Plain Node 20 JavaScript: installs what the lockfile names when it has changed, then hands over to Node 24.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node24 = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const jest = ['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules', 'jest', 'bin', 'jest.js')];

const tasks = {
  serve: [join(root, 'services', 'standalone', 'src', 'main.ts')],
  test: [...jest, '--config', join(root, 'jest.config.mjs')],
  'test:engines': [join(root, 'tests', 'engines', 'run.ts')],
  bench: [join(root, 'bench', 'run.ts')],
};

const [task = 'serve', ...rest] = process.argv.slice(2);
const command = tasks[task];
if (command === undefined) {
  console.error(`unknown task ${task}: one of ${Object.keys(tasks).join(', ')}`);
  process.exit(2);
}

install();
run(command);

function install() {
  const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'));
  const wanted = createHash('sha256').update(lockfile).digest('hex');
  const mark = join(root, 'node_modules', '.flexistream-installed');
  if (existsSync(node24) && existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  console.error('flexistream: installing dependencies (once for each lockfile) …');
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx';
  const args = ['-y', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only'];
  const done = spawnSync(npx, args, { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, CI: 'true' } });
  if (done.status !== 0 || !existsSync(node24)) {
    console.error('flexistream: the installation failed; see the lines above');
    process.exit(done.status || 1);
  }
  mkdirSync(dirname(mark), { recursive: true });
  writeFileSync(mark, wanted);
}

// Types are erased at every load; a compile cache spares the work and about 35 MB of resident memory.
function environment() {
  const cache = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'node-compile');
  return { ...process.env, NODE_COMPILE_CACHE: cache, PATH: `${dirname(node24)}:${process.env.PATH}` };
}

function run(args) {
  const child = spawn(node24, [...args, ...rest], { stdio: 'inherit', env: environment() });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`flexistream: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
