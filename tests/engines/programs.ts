import { execFile } from 'node:child_process';
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
