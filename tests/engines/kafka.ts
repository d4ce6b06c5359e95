import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { startChild } from './child.ts';
import { type Engine, givenEngine, missingEngine, type OwnEngine } from './engine.ts';
import { outputOf } from './programs.ts';

const NAME = 'Apache Kafka';
const pom = join(import.meta.dirname, 'kafka', 'pom.xml');
const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'flexistream-engines');

/** `KAFKA_BROKERS`, or a broker of our own. */
export const startKafka = async (): Promise<Engine> => {
  const { KAFKA_BROKERS } = process.env;
  return KAFKA_BROKERS ? givenEngine(NAME, 'as given', { KAFKA_BROKERS }) : startOwnKafka();
};

/** The real broker: one node in KRaft mode from its Maven artifacts, on this machine's Java. */
export const startOwnKafka = async (): Promise<Engine> => {
  if ((await outputOf('java', ['-version'])) === undefined) return missingEngine(NAME, 'no Java on this machine');
  const jars = await downloadedJars();
  if (typeof jars === 'string') return missingEngine(NAME, jars);
  const { address, ...broker } = await startBroker(jars.folder);
  const why = 'one node in KRaft mode, from its Maven artifacts';
  return { ...broker, name: NAME, version: jars.version, kind: 'real', why, env: { KAFKA_BROKERS: address } } satisfies OwnEngine;
};

/** Downloaded once for each version of the pom. Answers why there are none. */
export const downloadedJars = async (): Promise<{ readonly folder: string; readonly version: string } | string> => {
  const text = await readFile(pom, 'utf8');
  const version = text.match(/<kafka\.version>([^<]+)</)?.[1] ?? 'unknown';
  const folder = join(cache, `kafka-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) {
    if ((await outputOf('mvn', ['-v'])) === undefined) return 'no Maven on this machine';
    await mkdir(cache, { recursive: true });
    const unfinished = await mkdtemp(join(cache, 'kafka-unfinished-'));
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${unfinished}`];
    if ((await outputOf('mvn', ['-q', '-B', '-f', pom, ...goal])) === undefined) {
      await rm(unfinished, { recursive: true });
      return 'Maven could not download the broker';
    }
    await rename(unfinished, folder);
  }
  return { folder, version };
};

const HEAP = '-Xmx512m';

export interface Broker extends Pick<OwnEngine, 'kill' | 'restart' | 'freeze' | 'thaw' | 'stop'> {
  readonly address: string;
  /** As after a fire: killed, and back on the same address with nothing on its disk. */
  lose(): Promise<void>;
}

export const startBroker = async (jars: string): Promise<Broker> => {
  const folder = await mkdtemp(join(tmpdir(), 'flexistream-kafka-'));
  const [port, controller] = [await freePort(), await freePort()];
  const settings = join(folder, 'server.properties');
  await writeFile(settings, propertiesOf(folder, port, controller));
  const java = (main: string, ...args: readonly string[]) => [HEAP, '-XX:+UseSerialGC', '-cp', join(jars, '*'), main, ...args];
  const format = async () => {
    const cluster = randomBytes(16).toString('base64url');
    const formatted = await outputOf('java', java('kafka.tools.StorageTool', 'format', '-t', cluster, '-c', settings));
    if (formatted === undefined) throw new Error('the storage could not be formatted');
  };
  await format();
  const child = await startChild('java', () => java('kafka.Kafka', settings));
  const stop = async () => {
    await child.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const serves = async () => void (await child.line(/Kafka Server started/));
  await serves().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const restart = () => {
    child.restart();
    return serves();
  };
  return {
    address: `127.0.0.1:${port}`,
    kill: () => child.kill(),
    restart,
    lose: async () => {
      await child.kill();
      await rm(join(folder, 'data'), { recursive: true, force: true });
      await format();
      await restart();
    },
    freeze: () => child.freeze(),
    thaw: () => child.thaw(),
    stop,
  };
};

/** One node is broker and controller; what a cluster keeps in three copies is kept in one, and groups need not wait for more members. */
const propertiesOf = (folder: string, port: number, controller: number): string =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': false,
    'log.segment.bytes': 16_777_216,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
