import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands before the server, so that connections can be cut as a network cuts them, and held up as if nobody could be reached. */
export class Gate {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #held = false;

  private constructor(target: number) {
    this.#server = createServer((outside) => {
      const inside = connect(target, '127.0.0.1');
      for (const [from, to] of [
        [outside, inside],
        [inside, outside],
      ] as const) {
        this.#sockets.add(from);
        from.setNoDelay(true);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        if (this.#held) from.pause();
      }
    });
  }

  static async open(target: number, port: number): Promise<{ readonly gate: Gate; readonly port: number }> {
    const gate = new Gate(target);
    await new Promise<void>((resolve, reject) => gate.#server.once('error', reject).listen(port, '127.0.0.1', resolve));
    const address = gate.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a gate without a port');
    return { gate, port: address.port };
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing passes any more, in either direction, until `release`. */
  hold(): void {
    this.#held = true;
    for (const socket of this.#sockets) socket.pause();
  }

  release(): void {
    this.#held = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }
}
