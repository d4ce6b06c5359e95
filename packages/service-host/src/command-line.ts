import { Command, Option } from 'commander';
import { readSettings, type Settings, type ValuesOf } from './settings.ts';

const flagOf = (name: string): string => `--${name.toLowerCase().replaceAll('_', '-')}`;

export interface CommandLine<S extends Settings> {
  readonly command: string;
  readonly args: readonly string[];
  /** What was given of the command's own options, by their names. */
  readonly options: Readonly<Record<string, string>>;
  readonly values: ValuesOf<S>;
}

export interface Subcommand {
  readonly usage: string;
  readonly description: string;
  /** What to type after the program's name, shown in `--help`. */
  readonly example?: string;
  /** Options of its own: flags and what they mean. */
  readonly options?: readonly (readonly [flags: string, description: string])[];
}

/**
 * Reads flags (`--data-dir`), then the environment, then a `.env` file in the folder of the start; flags win. `--help` explains every
 * variable and exits. All faults are thrown at once as `SettingsFaulty`. `program` is what an operator types before the command.
 */
export const readCommandLine = <S extends Settings>(
  settings: S,
  subcommands: Readonly<Record<string, Subcommand>>,
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  name = 'npm start --',
): CommandLine<S> => {
  const [first = ''] = Object.keys(subcommands);
  const given: Given = { command: first, args: [], options: {}, flags: {} };
  const program = new Command(name).description(
    'The FlexiAPI 2.0 account platform. Every option is also a variable of the environment or of .env: --data-dir is DATA_DIR.',
  );
  for (const [name, { usage, description, options = [] }] of Object.entries(subcommands)) {
    const sub = program.command(`${name} ${usage}`.trim(), { isDefault: name === first }).description(description);
    for (const [flags, meaning] of options) sub.option(flags, meaning);
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
      given.options = Object.fromEntries(Object.entries(flags).filter(([option]) => !(option in settings)));
    });
  }
  program.addHelpText('after', `${examplesOf(name, subcommands)}${helpOf(settings)}`);
  program.parse(['node', 'flexistream', ...argv]);
  const { command, args, options, flags } = given;
  return { command, args, options, values: readSettings(settings, { ...environment, ...flags }) };
};

interface Given {
  command: string;
  args: string[];
  options: Record<string, string>;
  flags: Record<string, string>;
}

const examplesOf = (program: string, subcommands: Readonly<Record<string, Subcommand>>): string => {
  const examples = Object.values(subcommands).flatMap(({ example }) => (example === undefined ? [] : [`  ${program} ${example}`]));
  return examples.length === 0 ? '' : `\nExamples:\n${examples.join('\n')}\n`;
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
