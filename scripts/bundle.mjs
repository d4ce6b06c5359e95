// Bundles processes for images: dist/<process>/ holds all that Node needs to run it, without node_modules and without TypeScript.
//   node scripts/bundle.mjs [--out folder] [process...]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Which variable says where the health door of a process is, and what it is when unset. */
const publicDoor = { variable: 'PORT', fallback: 8080 };
const internalDoor = { variable: 'INTERNAL_PORT', fallback: 9090 };
const doors = {
  standalone: publicDoor,
  gateway: publicDoor,
  accounts: internalDoor,
  spaces: internalDoor,
  tokens: internalDoor,
  notifications: internalDoor,
  statistics: internalDoor,
};

/** Names stay as they are written: a stack trace must be readable without a map. */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  metafile: true,
  legalComments: 'none', // THIRD-PARTY.txt has the licences, whole
  logLevel: 'warning',
  logOverride: { 'require-resolve-not-external': 'silent' },
};

/**
 * An `import()` of a package of others, not a type. Node gives the exports of a CommonJS package by name, esbuild's chunk of it only as
 * `default`; so the names are put beside it.
 */
const importedLater = /(?<!typeof )\bimport\('(?!\.|@flexistream\/|node:)[^']+'\)(?!\.)/g;

/** CommonJS dependencies ask for `require`; in an ES module there is none. Node's own modules come through it as well. */
const banner = [
  "import { createRequire as flexistreamCreateRequire } from 'node:module';",
  "import { dirname as flexistreamDirname } from 'node:path';",
  "import { fileURLToPath as flexistreamPathOf } from 'node:url';", // a chunk may have a URL of its own
  'const require = flexistreamCreateRequire(import.meta.url);',
  'const __filename = flexistreamPathOf(import.meta.url);',
  'const __dirname = flexistreamDirname(__filename);',
].join('\n');

/** To find our addresses, the packages of others need not be read. */
const withoutOthers = {
  name: 'without-others',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || path.startsWith('@flexistream/')) return undefined;
      return { path, external: true };
    });
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string', default: join(root, 'dist') } },
});
for (const name of positionals.length > 0 ? positionals : Object.keys(doors)) {
  if (!(name in doors)) throw new Error(`unknown process ${name}: one of ${Object.keys(doors).join(', ')}`);
  const { files, bytes } = await bundleProcess(name, join(resolve(values.out), name));
  console.log(`${name}: ${files} files, ${Math.ceil(bytes / 1024)} KiB`);
}

async function bundleProcess(name, folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const modules = await bundleModules(join(root, 'services', name, 'src', 'main.ts'), folder);
  const health = await bundleHealth(doors[name], folder);
  const inputs = [...modules, health].flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const outputs = [...modules, health].flatMap(({ metafile }) => Object.values(metafile.outputs));
  await writeFile(join(folder, 'THIRD-PARTY.txt'), thirdParties(inputs));
  return { files: outputs.length, bytes: outputs.reduce((sum, output) => sum + output.bytes, 0) };
}

/**
 * Some modules are found by address at run time: the worker thread, and the programs that it loads. They become entry points of
 * their own in the same flat folder, so an address relative to any chunk finds them. What they name in turn is found in the next round.
 */
async function bundleModules(main, folder) {
  const found = { addressed: new Map(), required: new Map() };
  const options = () => ({
    entryPoints: { main, ...inOrder(found.addressed) },
    outdir: folder,
    ...common,
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.mjs' },
    chunkNames: '[name]-[hash]',
    banner: { js: banner },
  });
  for (let known = -1; known < found.addressed.size; ) {
    known = found.addressed.size;
    await build({ ...options(), write: false, plugins: [runTimeAddresses(found), withoutOthers] });
  }
  const result = await build({ ...options(), plugins: [runTimeAddresses(found)] });
  const required = await build({
    entryPoints: inOrder(found.required),
    outdir: folder,
    ...common,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  });
  return [result, required];
}

/** Files are read in any order; the same sources must make the same bundle. */
function inOrder(entries) {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function runTimeAddresses({ addressed, required }) {
  const nameOf = (path) =>
    relative(root, path)
      .replace(/^packages\//, '')
      .replace(/\/src\/|\//g, '-')
      .replace(/\.ts$/, '');
  return {
    name: 'run-time-addresses',
    setup({ onLoad }) {
      onLoad({ filter: /\/(packages|services)\/[^/]+\/src\/.*\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const located = source.replaceAll(/new URL\('(\.[^']+\.ts)', import\.meta\.url\)/g, (_, address) => {
          const target = resolve(dirname(path), address);
          addressed.set(nameOf(target), target);
          return `new URL('./${nameOf(target)}.mjs', import.meta.url)`;
        });
        const named = located.replaceAll(importedLater, '$&.then((whole) => ({ ...whole.default, ...whole }))');
        if (!named.includes('createRequire(import.meta.url)')) return { contents: named, loader: 'ts' };
        const contents = named.replaceAll(/\brequire\('([^'.][^']*)'\)/g, (_, wanted) => {
          const name = wanted.replaceAll(/[@/]+/g, '-').replace(/^-/, '');
          required.set(name, resolvedFrom(path, wanted));
          return `require('./${name}.cjs')`;
        });
        return { contents, loader: 'ts' };
      });
    },
  };
}

/** esbuild resolves an entry from the root, but pnpm lets each package see its own dependencies only. */
function resolvedFrom(path, wanted) {
  for (let folder = dirname(path); folder.startsWith(root); folder = dirname(folder)) {
    const [, packageName, inside = ''] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(wanted);
    const home = join(folder, 'node_modules', packageName);
    if (!existsSync(home)) continue;
    const { exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    const entry = exports?.[`.${inside}`];
    const file = typeof entry === 'string' ? entry : (entry?.require ?? entry?.default);
    const target = typeof file === 'string' ? file : file?.default;
    if (target !== undefined) return join(home, target);
    return `${home}${inside}`;
  }
  throw new Error(`${wanted} is not installed for ${relative(root, path)}`);
}

function bundleHealth({ variable, fallback }, folder) {
  return build({
    entryPoints: { health: join(root, 'deploy', 'docker', 'health.mjs') },
    outdir: folder,
    ...common,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    define: { HEALTH_VARIABLE: JSON.stringify(variable), HEALTH_FALLBACK: JSON.stringify(String(fallback)) },
  });
}

/** Every package of others that the bundle holds, with its licence text, as most of them ask for. */
function thirdParties(inputs) {
  const homes = new Map();
  for (const input of inputs) {
    const [, home] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (home === undefined || home.endsWith('/.pnpm')) continue;
    const { name, version, license } = JSON.parse(readFileSync(join(root, home, 'package.json'), 'utf8'));
    homes.set(`${name} ${version}`, { license, home: join(root, home) });
  }
  return [...homes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, { license, home }]) => {
      const files = readdirSync(home).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
      const texts = files.map((file) => readFileSync(join(home, file), 'utf8').trim());
      return [`== ${title} (${typeof license === 'string' ? license : (license?.type ?? 'see below')})`, ...texts].join('\n\n');
    })
    .join('\n\n\n');
}
