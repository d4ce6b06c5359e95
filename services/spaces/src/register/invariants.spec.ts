import { type Fact, isRefusal } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { settingsOf } from '../spec-support/facts.ts';
import type { RegisterEvent } from './events.ts';
import { type RegisterCommand, registerDecider } from './register.ts';
import { liveSpaces, type Register, superSpaces } from './unique.ts';

const now = '2026-01-01T00:00:00.000Z';
const id = fc.constantFrom('s1', 's2', 's3', 's4', 's5', 's6');
const label = fc.constantFrom('a', 'b', 'c');
const settings = fc
  .record({
    name: fc.constantFrom('One', 'ONE', 'two', 'Three'),
    host: label,
    super: fc.boolean(),
    max_accounts: fc.nat(2),
    web_panel: fc.boolean(),
  })
  .map(settingsOf);

const command: fc.Arbitrary<RegisterCommand> = fc.oneof(
  fc.record({ id, domain: label, settings }).map((data) => ({ type: 'CreateSpace' as const, data, now })),
  fc.record({ id, settings, limitBefore: fc.nat(2) }).map((data) => ({ type: 'UpdateSpace' as const, data, now })),
  fc.record({ id }).map((data) => ({ type: 'DeleteSpace' as const, data, now })),
  fc.record({ id }).map((data) => ({ type: 'NoteErasure' as const, data, now })),
);

const decide = (register: Register, one: RegisterCommand): readonly RegisterEvent[] => {
  const decision = registerDecider.decide(one, register);
  return isRefusal(decision) ? [] : decision;
};

/** Every state that the commands lead to, one by one. */
const histories = (commands: readonly RegisterCommand[]): Register[] => {
  let register = registerDecider.initial;
  return commands.map((one) => {
    register = decide(register, one).reduce(registerDecider.evolve, register);
    return register;
  });
};

const distinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

describe('whatever is commanded, in whatever order', () => {
  const holds = (check: (register: Register) => void) =>
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        for (const register of histories(commands)) check(register);
      }),
      { numRuns: 500 },
    );

  test('no two spaces have one name, domain or host', () =>
    holds((register) => {
      const live = liveSpaces(register);
      expect(distinct(live.map((space) => space.settings.name.toLowerCase()))).toBe(true);
      expect(distinct(live.map((space) => space.domain))).toBe(true);
      expect(distinct(live.map((space) => space.settings.host))).toBe(true);
      expect(distinct(live.map((space) => space.number))).toBe(true);
    }));

  test('there is a super space once there was one', () =>
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        let seen = false;
        for (const register of histories(commands)) {
          const some = superSpaces(register).length > 0;
          expect(some || !seen).toBe(true);
          seen ||= some;
        }
      }),
      { numRuns: 500 },
    ));

  test('an update leads to exactly what was asked for, and asking again changes nothing', () =>
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), settings, (commands, wanted) => {
        const register = histories(commands).at(-1) ?? registerDecider.initial;
        const [space] = liveSpaces(register);
        fc.pre(space !== undefined);
        const again: RegisterCommand = {
          type: 'UpdateSpace',
          data: { id: space.id, settings: wanted, limitBefore: space.settings.max_accounts },
          now,
        };
        const decision = registerDecider.decide(again, register);
        fc.pre(!isRefusal(decision));
        const after = (decision as readonly RegisterEvent[]).reduce(registerDecider.evolve, register);
        expect(liveSpaces(after)[0]?.settings).toEqual(wanted);
        expect(registerDecider.decide(again, after)).toEqual([] satisfies Fact[]);
      }),
    ));
});
