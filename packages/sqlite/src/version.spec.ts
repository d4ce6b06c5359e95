import { describe, expect, test } from '@jest/globals';
import { refuseOldSqlite } from './version.ts';

describe('the version of SQLite', () => {
  test.each(['3.51.3', '3.51.10', '3.52.0', '4.0.0'])('%s will do', (version) => {
    expect(() => refuseOldSqlite(version)).not.toThrow();
  });
  test.each(['3.51.2', '3.9.9', '3.50.4', '2.99.99', ''])('%s is refused', (version) => {
    expect(() => refuseOldSqlite(version)).toThrow('3.51.3 or newer is needed');
  });
  test('of this Node.js will do', () => expect(() => refuseOldSqlite()).not.toThrow());
});
