import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { bodyOf } from '../error-body.ts';
import { isFailure, type Text } from '../failure.ts';
import { accept, check, type Fields, parse } from './check.ts';
import { isoDate } from './dates.ts';
import { dictionary } from './dictionary.ts';
import { domainName } from './domain-name.ts';
import { email } from './email.ts';
import { ini } from './ini.ts';
import { nested } from './nested.ts';
import { phone } from './phone.ts';
import { ProblemList, withProblems } from './problems.ts';
import { boolean, integer, oneOf } from './scalars.ts';
import { sipAddress } from './sip-address.ts';
import { noUppercase, text } from './text.ts';

const problemsOf = (fields: Fields, body: Record<string, unknown>) =>
  Object.fromEntries([...check(fields, body).problems].map(([field, texts]) => [field, texts.map(({ key }) => key)]));

describe('a field that may be missing', () => {
  const cases = { optional: text(), required: text({ required: true }), present: text({ present: true }), filled: text({ filled: true }) };
  test.each([
    [{}, { required: ['required'], present: ['present'] }],
    [
      { optional: null, required: null, present: null, filled: null },
      { required: ['required'], filled: ['filled'] },
    ],
    [
      { optional: '', required: '', present: '', filled: '' },
      { required: ['required'], filled: ['filled'] },
    ],
    [{ optional: 'a', required: 'a', present: 'a', filled: 'a' }, {}],
  ])('%j has %j', (body, problems) => expect(problemsOf(cases, body)).toEqual(problems));

  test('tells absent from null', () => expect(parse({ a: text(), b: text() }, { b: null })).toEqual({ a: undefined, b: null }));

  test('is required with another that has a value', () => {
    const fields = { password: text({ min: 9, requiredWith: ['realm', 'domain'] }), realm: text() };
    expect(problemsOf(fields, {})).toEqual({});
    expect(problemsOf(fields, { realm: null })).toEqual({});
    expect(problemsOf(fields, { realm: 'x' })).toEqual({ password: ['required_with'] });
    expect(problemsOf(fields, { realm: 'x', password: null })).toEqual({ password: ['required_with'] });
    expect(problemsOf(fields, { realm: 'x', password: 'short' })).toEqual({ password: ['min_text'] });
    expect(check(fields, { domain: 'x' }).problems.get('password')).toEqual([
      { key: 'required_with', values: { other: 'realm / domain' } },
    ]);
  });
});

describe('the rules of a field', () => {
  const username = text({
    required: true,
    min: 6,
    rules: [noUppercase, (name) => (name === 'Admin' ? { key: 'username_used' } : undefined)],
  });

  test('all add their texts, in order', () =>
    expect(problemsOf({ username }, { username: 'Admin' })).toEqual({ username: ['min_text', 'no_uppercase', 'username_used'] }));

  test.each([{}, [], true, false, [1]])('none is tried on %j where text is expected', (value) =>
    expect(problemsOf({ username }, { username: value })).toEqual({ username: ['string'] }),
  );

  test('yield what zod infers', () => {
    const value = parse({ username, admin: boolean(), n: integer({ present: true }) }, { username: 123456, n: null });
    const typed: { username: string; admin: boolean | null | undefined; n: number | null } = value;
    expect(typed).toEqual({ username: '123456', admin: undefined, n: null });
  });

  test('of another zod schema become the general refusal', () =>
    expect(problemsOf({ id: z.uuid() }, { id: 'x' })).toEqual({ id: ['one_of'] }));
});

describe('checking a body', () => {
  const fields = { name: text({ required: true }), domain: domainName({ required: true }), email: email() };

  test('lists the problems in the order of the fields', () =>
    expect(Object.keys(problemsOf(fields, { email: 'x', unknown: 1 }))).toEqual(['name', 'domain', 'email']));

  test('keeps the fields that are right', () => expect(check(fields, { name: 'x', email: 'x' }).value).toEqual({ name: 'x' }));

  test('never reads what the body inherits', () =>
    expect(problemsOf({ constructor: text({ required: true }) }, {})).toEqual({ constructor: ['required'] }));

  test('throws the 422 with what look-ups found besides', () => {
    const checked = check(fields, { name: 'x', domain: 'nodot' });
    const more = new ProblemList().add('name', { key: 'unique' }).add('domain', { key: 'unique' });
    expect(() => accept(checked, more)).toThrow(expect.objectContaining({ status: 422 }));
    try {
      accept(checked, more);
    } catch (error) {
      expect(bodyOf(error, 'en')).toEqual({
        message: 'The name has already been taken. (and 2 more errors)',
        errors: {
          name: ['The name has already been taken.'],
          domain: ['The domain should be a valid domain', 'The domain has already been taken.'],
        },
      });
    }
  });

  test('gives the value when nothing speaks against it', () =>
    expect(accept(check(fields, { name: 'x', domain: 'a.org' }), new ProblemList())).toEqual({
      name: 'x',
      domain: 'a.org',
      email: undefined,
    }));
});

describe('merging problems', () => {
  const text = (key: Text['key']): Text => ({ key });
  test('keeps the order of the fields, nested ones at their place, others last', () => {
    const merged = withProblems(
      ['a', 'b', 'c'],
      new Map([
        ['a', [text('required')]],
        ['c', [text('email')]],
      ]),
      new Map([
        ['z', [text('unique')]],
        ['c', [text('unique')]],
        ['b.at', [text('iso_date')]],
      ]),
    );
    expect([...merged]).toEqual([
      ['a', [text('required')]],
      ['b.at', [text('iso_date')]],
      ['c', [text('email'), text('unique')]],
      ['z', [text('unique')]],
    ]);
  });
});

describe('an object inside the body', () => {
  const invite = {
    invite_terminated: nested({
      at: isoDate({ requiredWith: ['state'] }),
      state: text({ max: 255, requiredWith: ['at'] }),
    }),
  };
  const errors = (body: Record<string, unknown>) => {
    try {
      return parse(invite, body);
    } catch (error) {
      return bodyOf(error, 'en').errors;
    }
  };
  test('is optional', () => expect(parse(invite, {})).toEqual({ invite_terminated: undefined }));
  test('may be empty', () =>
    expect(parse(invite, { invite_terminated: {} })).toEqual({ invite_terminated: { at: undefined, state: undefined } }));
  test('is read', () =>
    expect(parse(invite, { invite_terminated: { at: '2025-06-17T09:27:02Z', state: 'declined' } })).toEqual({
      invite_terminated: { at: Date.UTC(2025, 5, 17, 9, 27, 2), state: 'declined' },
    }));
  test('has dotted names', () =>
    expect(errors({ invite_terminated: { at: 'x', state: [] } })).toEqual({
      'invite_terminated.at': ['The invite terminated.at must be a valid ISO 8601 date.'],
      'invite_terminated.state': ['The invite terminated.state must be a string.'],
    }));
  test('names its other fields whole', () =>
    expect(errors({ invite_terminated: { state: 'declined' } })).toEqual({
      'invite_terminated.at': ['The invite terminated.at field is required when invite terminated.state is present.'],
    }));
  test.each([5, 'x', [], true])('is no %j', (value) =>
    expect(errors({ invite_terminated: value })).toEqual({ invite_terminated: ['The selected invite terminated is invalid.'] }),
  );
});

test('nothing throws but the 422, whatever JSON comes, and the order of the fields is kept', () => {
  const fields = {
    text: text({ required: true, min: 2, max: 5 }),
    boolean: boolean(),
    integer: integer({ min: 1, max: 9 }),
    chosen: oneOf(['a', 'b']),
    email: email(),
    domain: domainName(),
    date: isoDate(),
    dictionary: dictionary(),
    phone: phone({ countries: new Set(['FR']) }),
    from: sipAddress({ max: 256 }),
    ini: ini(),
    nested: nested({ at: isoDate({ requiredWith: ['state'] }), state: text() }, { required: true }),
  };
  const names = Object.keys(fields);
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('a', '1', 1, true, '2017-07-21', '+33612121212', 'a@b', '[a]\nb=c'));
  const body = fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
  fc.assert(
    fc.property(body, (given) => {
      try {
        return parse(fields, given) !== undefined;
      } catch (error) {
        if (!isFailure(error)) return false;
        const listed = [...(error.errors?.keys() ?? [])].map((field) => names.indexOf(field.split('.')[0] ?? ''));
        expect(listed).toEqual([...listed].sort((a, b) => a - b));
        expect(bodyOf(error, 'fr').message).not.toBe('');
        return error.status === 422;
      }
    }),
    { numRuns: 500 },
  );
});
