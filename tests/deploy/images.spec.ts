import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';
import { processesRead } from './documented-settings.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

describe('deploy/docker/Dockerfile', () => {
  const dockerfile = read('deploy', 'docker', 'Dockerfile');

  test('has no fault that a linter knows', () => {
    expect(validate(dockerfile).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
    expect(validate('FRUM node\n')).not.toEqual([]);
  });

  test('runs the Node that everything is tested on, as somebody who is not root, with a health check', () => {
    const { devDependencies } = JSON.parse(read('package.json'));
    expect(dockerfile).toContain(`ARG NODE=${devDependencies.node}-`);
    const [, last = ''] = dockerfile.split('\nFROM ').slice(-2);
    expect(last).toMatch(/^USER 1000:1000$/m);
    expect(last).toMatch(/^HEALTHCHECK .*CMD \["node", "\/app\/health.mjs"\]$/m);
    expect(last).not.toMatch(/^RUN (?!install -d)/m); // nothing is installed into what is shipped
  });
});

interface ComposeService {
  readonly image: string;
  readonly build?: { readonly args: { readonly PROCESS: string } };
  readonly environment: Readonly<Record<string, unknown>>;
  readonly healthcheck?: object;
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
}

describe('docker-compose.yml', () => {
  const engines = ['eventstore', 'kafka', 'mongodb', 'redis'];
  let services: Readonly<Record<string, ComposeService>>;
  beforeAll(() => {
    services = parse(read('docker-compose.yml'), { merge: true }).services;
  });
  const ours = () => Object.entries(services).filter(([name]) => !engines.includes(name));

  test('starts each process from its image, with variables that it reads, after its engines are healthy', () => {
    expect(ours().map(([name]) => name)).toEqual(['accounts', 'spaces', 'tokens', 'notifications', 'statistics', 'gateway', 'standalone']);
    for (const [name, { build, environment, depends_on = {}, profiles }] of ours()) {
      expect(build?.args.PROCESS).toBe(name);
      expect(Object.keys(environment).filter((variable) => !processesRead([name]).has(variable))).toEqual([]);
      if (profiles === undefined) for (const engine of engines) expect(depends_on[engine]).toEqual({ condition: 'service_healthy' });
    }
  });

  test('checks the health of each engine and keeps it to itself', () => {
    for (const engine of engines) {
      expect(services[engine]?.healthcheck).toBeDefined();
      expect(services[engine]?.networks).toEqual(['engines']);
      expect(services[engine]?.ports).toBeUndefined();
    }
  });

  test('holds no secret, and only versions as tags', () => {
    const text = read('docker-compose.yml');
    for (const [, value = ''] of text.matchAll(/^\s+\w*(?:PASSWORD|KEY|AUTH): (\S*)/gm)) expect(value).toMatch(/^\$\{\w+:-\}$/);
    for (const { image } of Object.values(services)) expect(image).toMatch(/:(\$\{\w+:-)?[\w./]*:?\d[\w.-]*\}?$/);
  });

  test('publishes nothing but the public doors', () => {
    const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name]) => name)).toEqual(['gateway', 'standalone']);
    for (const [, { ports }] of published) expect(ports).toEqual(['8080:8080', '8443:8443']);
  });
});
