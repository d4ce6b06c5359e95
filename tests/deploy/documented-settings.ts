import { firstStartSettings, processSettings, type Settings } from '../../packages/service-host/src/index.ts';
import { accountsSettings } from '../../services/accounts/src/settings.ts';
import { gatewaySettings } from '../../services/gateway/src/settings.ts';
import { spacesSettings } from '../../services/spaces/src/settings.ts';
import { standaloneSettings } from '../../services/standalone/src/settings.ts';
import { statisticsSettings } from '../../services/statistics/src/settings.ts';
import { tokensSettings } from '../../services/tokens/src/settings.ts';

/** What each process reads of its environment, as its main.ts hands it on. */
const processes: Readonly<Record<string, Settings>> = {
  standalone: standaloneSettings,
  gateway: { ...processSettings, ...gatewaySettings, ...firstStartSettings },
  accounts: { ...processSettings, ...accountsSettings },
  spaces: { ...processSettings, ...spacesSettings },
  tokens: { ...processSettings, ...tokensSettings },
  notifications: processSettings,
  statistics: { ...processSettings, ...statisticsSettings },
};
const split = Object.keys(processes).filter((name) => name !== 'standalone');

/** Every variable that these processes read; all of them unless named. */
export const processesRead = (names: readonly string[] = Object.keys(processes)): ReadonlySet<string> =>
  new Set(names.flatMap((name) => Object.keys(processes[name] ?? {})));

const readersOf = (variable: string): string => {
  const readers = split.filter((name) => variable in (processes[name] ?? {}));
  const ours = readers.length === split.length ? 'all' : readers.join(', ');
  const alone = variable in standaloneSettings;
  if (ours === '') return 'standalone';
  return alone ? ours : `${ours}; not standalone`;
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
const sentence = (text: string): string => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;

/** The table of docs/operations.md, from what the processes themselves say of their variables. */
export const settingsTable = (): string => {
  const all: Settings = Object.assign({}, ...Object.values(processes), processSettings);
  const rows = Object.entries(all)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { doc, fallback, secret }]) => {
      const meaning = `${sentence(cell(doc))}${secret ? ' (secret)' : ''}`;
      return `| \`${name}\` | ${fallback ? `\`${cell(fallback)}\`` : ''} | ${readersOf(name)} | ${meaning} |`;
    });
  return ['| variable | default | read by | meaning |', '|---|---|---|---|', ...rows].join('\n');
};

const begin = '<!-- variables: made by node scripts/document-settings.mjs -->';
const end = '<!-- end of variables -->';

/** The page with the table of today in it. @throws when the page has lost its marks */
export const withSettings = (page: string): string => {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error('docs/operations.md has lost the marks around its variables');
  return `${before}${begin}\n\n${settingsTable()}\n\n${end}${after}`;
};
