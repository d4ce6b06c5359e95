import { join } from 'node:path';
import { startChild } from './child.ts';
import { type Image, startContainer } from './containers.ts';
import { type Engine, givenEngine } from './engine.ts';

const NAME = 'EventStoreDB';
const IMAGE: Image = {
  name: NAME,
  image: 'eventstore/eventstore',
  version: '24.10',
  port: 2_113,
  environment: { EVENTSTORE_INSECURE: 'true', EVENTSTORE_CLUSTER_SIZE: '1', EVENTSTORE_MEM_DB: 'true' },
  ready: /IS LEADER|InaugurationManager/i,
  env: (host, port) => ({ EVENTSTORE_URL: `esdb://${host}:${port}?tls=false` }),
};
const program = join(import.meta.dirname, '..', '..', 'packages', 'eventstoredb-double', 'src', 'main.ts');

/** `EVENTSTORE_URL`, or a container, or the double in its place: no package carries the server (design §10). */
export const startEventStoreDb = async (): Promise<Engine> => {
  const { EVENTSTORE_URL } = process.env;
  if (EVENTSTORE_URL) return givenEngine(NAME, 'as given', { EVENTSTORE_URL });
  const container = await startContainer(IMAGE);
  if (container !== undefined) return container;
  const child = await startChild(process.execPath, (folder) => ['--no-warnings', program, '--folder', folder]);
  const [url = ''] = await child.line(/^esdb:\/\/\S+$/);
  return {
    name: NAME,
    version: 'double',
    kind: 'stand-in',
    why: "our double of the server, on the client's own protocol; it is no EventStoreDB",
    env: { EVENTSTORE_URL: url },
    stop: () => child.stop(),
  };
};
