import { describe, expect, test } from '@jest/globals';
import { readCommandLine } from './command-line.ts';
import { integerSetting, listSetting, readSettings, SettingsFaulty, secretSetting, switchSetting, textSetting } from './settings.ts';

const settings = {
  PORT: integerSetting('where it listens', 8080, 0, 65_535),
  UNIQUE: switchSetting('unique or not', false),
  NAMES: listSetting('names'),
  FOLDER: textSetting('a folder', './data'),
  KEY: secretSetting('a key'),
};

describe('settings', () => {
  test('are read with their defaults, empty as unset', () =>
    expect(readSettings(settings, { PORT: '', NAMES: 'a, b,,c' })).toEqual({
      PORT: 8080,
      UNIQUE: false,
      NAMES: ['a', 'b', 'c'],
      FOLDER: './data',
      KEY: '',
    }));
  test('name every fault at once, and never a secret', () => {
    const faulty = () =>
      readSettings(
        { ...settings, KEY: { ...settings.KEY, schema: settings.PORT.schema } },
        { PORT: '70000', UNIQUE: 'perhaps', KEY: 'my-secret' },
      );
    expect(faulty).toThrow(SettingsFaulty);
    expect(faulty).toThrow(/PORT.*70000[\s\S]*UNIQUE.*perhaps[\s\S]*KEY/);
    expect(faulty).not.toThrow(/my-secret/);
  });
});

describe('the command line', () => {
  const commands = { serve: { usage: '', description: 'serves' }, parked: { usage: '[key]', description: 'lists what is parked' } };
  test('takes flags over the environment, with and without the command', () => {
    expect(readCommandLine(settings, commands, ['--port', '1'], { PORT: '2' })).toMatchObject({ command: 'serve', values: { PORT: 1 } });
    expect(readCommandLine(settings, commands, ['serve', '--unique=yes'], { PORT: '2' })).toMatchObject({
      command: 'serve',
      values: { PORT: 2, UNIQUE: true },
    });
    expect(readCommandLine(settings, commands, ['parked', 'call-1', '--folder', '/x'], {})).toMatchObject({
      command: 'parked',
      args: ['call-1'],
      values: { FOLDER: '/x' },
    });
  });
});
