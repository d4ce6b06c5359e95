import { Command, Option } from 'commander';
import { readSettings, type Settings, type ValuesOf } from './settings.ts';

const flagOf = (name: string): string => `--${name.toLowerCase().replaceAll('_', '-')}`;

export interface CommandLine<S extends Settings> {
  readonly command: string;
  readonly args: readonly string[];
  readonly values: ValuesOf<S>;
}

export interface Subcommand {
  readonly usage: string;
  readonly description: string;
}

/**
 * Reads flags (`--data-dir`), then the environment, then a `.env` file in the folder of the start; flags win. `--help` explains every
 * variable and exits. All faults are thrown at once as `SettingsFaulty`.
 */
export const readCommandLine = <S extends Settings>(
  settings: S,
  subcommands: Readonly<Record<string, Subcommand>>,
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): CommandLine<S> => {
  const [first = ''] = Object.keys(subcommands);
  const given: { command: string; args: string[]; flags: Record<string, string> } = { command: first, args: [], flags: {} };
  const program = new Command('npm start --').description(
    'The FlexiAPI 2.0 account platform. Every option is also a variable of the environment or of .env: --data-dir is DATA_DIR.',
  );
  for (const [name, { usage, description }] of Object.entries(subcommands)) {
    const sub = program.command(`${name} ${usage}`.trim(), { isDefault: name === first }).description(description);
    for (const [variable, setting] of Object.entries(settings)) sub.addOption(optionOf(variable, setting));
    sub.action((...call) => {
      const flags = sub.opts<Record<string, string>>();
      given.command = name;
      given.args = call
        .slice(0, -2)
        .flat()
        .filter((arg): arg is string => typeof arg === 'string');
      given.flags = Object.fromEntries(
        Object.keys(settings).flatMap((variable) => (variable in flags ? [[variable, String(flags[variable])]] : [])),
      );
    });
  }
  program.addHelpText('after', helpOf(settings));
  program.parse(['node', 'flexistream', ...argv]);
  return { command: given.command, args: given.args, values: readSettings(settings, { ...environment, ...given.flags }) };
};

const optionOf = (variable: string, setting: Settings[string]): Option => {
  const option = new Option(`${flagOf(variable)} <value>`, describe(setting)).hideHelp(false);
  option.attributeName = () => variable;
  return option;
};

const describe = ({ doc, fallback, secret }: Settings[string]): string => `${doc}${fallback && !secret ? ` (default: ${fallback})` : ''}`;

const helpOf = (settings: Settings): string =>
  `\nOptions of every command:\n${Object.entries(settings)
    .map(([variable, setting]) => `  ${`${flagOf(variable)} <value>`.padEnd(56)} ${describe(setting)}`)
    .join('\n')}\n`;
