import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give to outgoing connections and to `listen(0)`: such a port may be taken before its server listens. */
const [FROM, BELOW] = [15_000, 32_000];
const given = new Set<number>();

/** A port that nobody listens on now: for what cannot be told to let the system choose. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(FROM, BELOW);
    if (given.has(port)) continue; // its server may not listen yet
    given.add(port);
    const server = createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
    } catch {
      continue; // somebody has it
    }
    server.close();
    await once(server, 'close');
    return port;
  }
};
