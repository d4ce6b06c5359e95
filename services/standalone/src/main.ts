import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { createLog } from '@flexistream/observability';
import { openInfrastructure, readCommandLine, SettingsFaulty } from '@flexistream/service-host';
import { commands } from './commands.ts';
import { standaloneSettings } from './settings.ts';

/** A fault of the operator's making is one clear line; anything else also shows where it happened. */
const endWith = (error: unknown): never => {
  const known = error instanceof Error && 'code' in error && typeof error.code === 'string';
  process.stderr.write(`flexistream: ${error instanceof Error ? (known ? error.message : error.stack) : String(error)}\n`);
  process.exit(error instanceof SettingsFaulty ? 2 : 1);
};

try {
  if (existsSync('.env')) loadEnvFile('.env');
  const { command, args, options, values } = readCommandLine(standaloneSettings, commands, process.argv.slice(2), process.env);
  const log = createLog({ level: values.LOG_LEVEL, name: 'standalone' });
  log.info(`flexistream starts with process id ${process.pid}`);
  const open = () => openInfrastructure({ folder: values.DATA_DIR, masterKey: values.MASTER_KEY, engines: values, log });
  await commands[command as keyof typeof commands].run({ values, args, options, log, open });
} catch (error) {
  endWith(error);
}
