import { freePort } from '../free-port.ts';
import { type Child, startChild } from './child.ts';
import { type Engine, givenEngine, missingEngine } from './engine.ts';
import { outputOf } from './programs.ts';
import { installedRedis } from './redis.ts';

const NAME = 'Redis Cluster';
const NODES = 3;

/** `REDIS_CLUSTER_URL`, or three masters of our own. */
export const startRedisCluster = async (): Promise<Engine> => {
  const { REDIS_CLUSTER_URL } = process.env;
  if (REDIS_CLUSTER_URL) return givenEngine(NAME, 'as given', { REDIS_CLUSTER_URL });
  const version = await installedRedis();
  if (version === undefined) return missingEngine(NAME, 'no redis-server in PATH, and apt-get could not install it');
  const nodes: Child[] = [];
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    const addresses = [];
    for (let n = 0; n < NODES; n++) {
      const port = await freePort();
      nodes.push(await startNode(port));
      addresses.push(`127.0.0.1:${port}`);
    }
    const made = await outputOf('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '0', '--cluster-yes']);
    if (!made?.includes('All 16384 slots covered')) throw new Error('redis-cli could not make a cluster of them');
    const env = { REDIS_CLUSTER_URL: addresses.map((address) => `redis://${address}`).join() };
    return { name: NAME, version, kind: 'real', why: `${NODES} masters of this machine's redis-server`, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** The port of the cluster's bus is chosen too: by default it is 10,000 higher, which may not exist. */
const startNode = async (port: number): Promise<Child> => {
  const bus = await freePort();
  const node = await startChild('redis-server', (folder) => [
    ...['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder, '--save', ''],
    ...['--cluster-enabled', 'yes', '--cluster-port', `${bus}`],
  ]);
  await node.line(/Ready to accept connections/);
  return node;
};
