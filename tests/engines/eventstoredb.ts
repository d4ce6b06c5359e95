import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { startChild } from './child.ts';
import { type Image, startContainer } from './containers.ts';
import { type Engine, givenEngine, ownEngine } from './engine.ts';

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

/** `EVENTSTORE_URL`, or a container, or the double in its place. */
export const startEventStoreDb = async (): Promise<Engine> => {
  const { EVENTSTORE_URL } = process.env;
  if (EVENTSTORE_URL) return givenEngine(NAME, 'as given', { EVENTSTORE_URL });
  return (await startContainer(IMAGE)) ?? startEventStoreDbDouble();
};

/** No package carries the server (design §10). */
export const startEventStoreDbDouble = async (): Promise<Engine> => {
  const port = await freePort();
  const child = await startChild(process.execPath, (folder) => ['--no-warnings', program, '--folder', folder, '--port', `${port}`]);
  return ownEngine(child, () => child.line(/^esdb:/), {
    name: NAME,
    version: 'double',
    kind: 'stand-in',
    why: "our double of the server, on the client's own protocol; it is no EventStoreDB",
    env: { EVENTSTORE_URL: `esdb://127.0.0.1:${port}?tls=false` },
  });
};
