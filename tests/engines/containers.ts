import type { StartedTestContainer } from 'testcontainers';
import type { Engine } from './engine.ts';
import { outputOf } from './programs.ts';

export interface Image {
  readonly name: string;
  readonly image: string;
  readonly version: string;
  readonly port: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** The line that it prints when it serves. */
  readonly ready: RegExp;
  readonly env: (host: string, port: number) => Engine['env'];
}

/** The real engine in a container; undefined where no Docker engine answers. */
export const startContainer = async ({ name, image, version, port, environment = {}, ready, env }: Image): Promise<Engine | undefined> => {
  if (!(await dockerAnswers())) return undefined;
  const { GenericContainer, Wait } = await import('testcontainers'); // large, and needed here only
  const container: StartedTestContainer = await new GenericContainer(`${image}:${version}`)
    .withEnvironment({ ...environment })
    .withExposedPorts(port)
    .withWaitStrategy(Wait.forLogMessage(ready))
    .start();
  return {
    name,
    version,
    kind: 'real',
    why: 'in a container',
    env: env(container.getHost(), container.getMappedPort(port)),
    stop: async () => void (await container.stop()),
  };
};

const dockerAnswers = async (): Promise<boolean> => (await outputOf('docker', ['info', '--format', '{{.ServerVersion}}'])) !== undefined;
