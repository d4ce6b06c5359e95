import { parseArgs } from 'node:util';
import { type Replay, replayFlexisip } from './flexisip/replay.ts';

export { replayFlexisip } from './flexisip/replay.ts';

const help = `Replays what a Flexisip server sends for calls and messages against a running server, then reads it back and compares.

  node tests/flexisip-replay.ts --url https://localhost:8443 --key <API key> --account <id>

  --url      the TLS door of the gateway; any certificate is taken, as Flexisip does
  --key      an API key of an admin who may read the account
  --account  the id of the account that calls and is called; the others are made up
  --rounds   how often everything is sent, each time under ids of its own (default 1)
  --help     this text

Exits 0 when everything was answered and read back as sent, 1 when something differs, 2 when it could not be tried.
`;

const options = {
  url: { type: 'string' },
  key: { type: 'string' },
  account: { type: 'string' },
  rounds: { type: 'string', default: '1' },
  help: { type: 'boolean', default: false },
} as const;

const print = (text: string): unknown => process.stdout.write(`${text}\n`);

/** The script: answers the exit code. */
export const main = async (args: readonly string[], say = print): Promise<number> => {
  try {
    const { url, key, account, rounds, help: helpWanted } = parseArgs({ args: [...args], options }).values;
    if (helpWanted) {
      say(help);
      return 0;
    }
    if (url === undefined || key === undefined || !isCount(account) || !isCount(rounds)) {
      say(`--url, --key and --account are needed; ids and numbers are whole.\n\n${help}`);
      return 2;
    }
    const replay = await replayFlexisip({ url, key, account: Number(account), rounds: Number(rounds) });
    say(summary(replay));
    return replay.differences.length === 0 ? 0 : 1;
  } catch (error) {
    say((error as Error).message);
    return 2;
  }
};

const isCount = (text: string | undefined): text is string => /^[1-9][0-9]{0,14}$/.test(text ?? '');

const summary = ({ stories, requests, listedCalls, messageDevices, connections, differences }: Replay): string =>
  [
    `${stories} stories, ${requests} requests over ${connections} connection(s); read back: ${listedCalls} calls, ${messageDevices} message devices`,
    ...differences.map((difference) => `  ${difference}`),
    differences.length === 0 ? 'Everything was read back as sent.' : `${differences.length} differences.`,
  ].join('\n');

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
