import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What a program prints, or undefined when there is no such program or it fails. */
export const outputOf = async (
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<string | undefined> => {
  try {
    return (await execute(command, args, { ...options, maxBuffer: 16 << 20 })).stdout.trim();
  } catch {
    return undefined;
  }
};

/** A port that nobody used a moment ago, for programs that cannot choose one themselves. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', reject).listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
  });
  return promise;
};
