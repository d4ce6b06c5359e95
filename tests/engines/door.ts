import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A door before an engine, on a port of its own: what a network does to connections can be done here. */
export interface Door extends AsyncDisposable {
  readonly port: number;
  /** How many connections were refused so far. */
  refused(): number;
  /** Breaks what is connected and refuses what comes. */
  shut(): void;
  /** Lets nothing through any more, in either direction, and tells nobody. */
  hush(): void;
  /** Passes the next bytes on to the engine, then breaks the connection before it answers. */
  cutAnswers(): void;
  open(): void;
}

export const openDoor = async (host: string, port: number): Promise<Door> => {
  const sockets = new Set<Socket>();
  let state: 'open' | 'shut' | 'hushed' | 'unanswered' = 'open';
  let refusals = 0;
  const kept = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    kept(client);
    if (state === 'shut') {
      refusals++;
      return client.destroy();
    }
    const engine = kept(connect(port, host));
    client.on('data', (bytes) => state !== 'hushed' && engine.write(bytes));
    engine.on('data', (bytes) => {
      if (state === 'unanswered') client.destroy();
      else if (state !== 'hushed') client.write(bytes);
    });
    client.once('close', () => engine.destroy());
    engine.once('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    refused: () => refusals,
    shut: () => {
      state = 'shut';
      breakAll();
    },
    hush: () => {
      state = 'hushed';
    },
    cutAnswers: () => {
      state = 'unanswered';
    },
    open: () => {
      state = 'open';
      breakAll(); // connections of a hushed door lack bytes
    },
    [Symbol.asyncDispose]: async () => {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
};
