import { describe, expect, test } from '@jest/globals';
import { bodyOf } from './error-body.ts';
import {
  Failure,
  invalid,
  invalidField,
  methodUnsupported,
  notFound,
  payloadTooLarge,
  routeUnknown,
  statusOf,
  type Text,
} from './failure.ts';

const required: Text = { key: 'required' };

describe('the body of a 422', () => {
  test('has the only text as its message', () =>
    expect(bodyOf(invalidField('name', required), 'en')).toEqual({
      message: 'The name field is required.',
      errors: { name: ['The name field is required.'] },
    }));

  test('counts the further texts, not the fields', () => {
    const one = invalid(new Map([['key', [{ key: 'alpha_dash' }, { key: 'no_uppercase' }]]]));
    expect(bodyOf(one, 'en').message).toBe('The key may only contain letters, numbers, dashes and underscores. (and 1 more error)');
    const two = invalid(
      new Map<string, Text[]>([
        ['key', [{ key: 'alpha_dash' }, { key: 'no_uppercase' }]],
        ['code', [required]],
      ]),
    );
    expect(bodyOf(two, 'en').message).toBe('The key may only contain letters, numbers, dashes and underscores. (and 2 more errors)');
  });

  test('counts in French too', () => {
    const problems = (fields: string[]) => invalid(new Map(fields.map((field) => [field, [required]])));
    expect(bodyOf(problems(['name']), 'fr').message).toBe('Le champ nom est obligatoire.');
    expect(bodyOf(problems(['name', 'domain']), 'fr').message).toBe('Le champ nom est obligatoire. (et 1 autre erreur)');
    expect(bodyOf(problems(['name', 'domain', 'host']), 'fr').message).toBe('Le champ nom est obligatoire. (et 2 autres erreurs)');
  });

  test('keeps the order of the fields', () =>
    expect(
      Object.keys(bodyOf(invalid(new Map(['username', 'password', 'algorithm'].map((f) => [f, [required]]))), 'en').errors ?? {}),
    ).toEqual(['username', 'password', 'algorithm']));

  test('takes its message from the problems even where a name looks like an integer', () => {
    const problems = new Map([
      ['b', [required]],
      ['7', [required]],
    ]);
    expect(bodyOf(invalid(problems), 'en')).toEqual({
      message: 'The b field is required. (and 1 more error)',
      errors: { b: ['The b field is required.'], '7': ['The 7 field is required.'] },
    });
  });

  test('is data, whatever a field is called', () => {
    const body = bodyOf(invalidField('__proto__', required), 'en');
    expect(Object.keys(body.errors ?? {})).toEqual(['__proto__']);
  });
});

describe('the body of other failures', () => {
  test.each([
    [notFound(), 404, 'Missing elements to perform the request'],
    [new Failure(404), 404, ''],
    [payloadTooLarge(), 413, 'Payload too large'],
    [routeUnknown('/api/nothing'), 404, 'The route api/nothing could not be found.'],
    [
      methodUnsupported('POST', '/api/ping', ['GET', 'HEAD']),
      405,
      'The POST method is not supported for route api/ping. Supported methods: GET, HEAD.',
    ],
    [new Failure(403, { key: 'unauthorized_area' }), 403, 'Unauthorized area'],
  ])('%#: %s', (failure, status, message) => {
    expect(statusOf(failure)).toBe(status);
    expect(bodyOf(failure, 'en')).toEqual({ message });
  });

  test('names the methods in Allow', () =>
    expect(methodUnsupported('POST', '/api/ping', ['GET', 'HEAD']).headers).toEqual({ Allow: 'GET, HEAD' }));

  test('is translated', () => expect(bodyOf(new Failure(403, { key: 'account_blocked' }), 'fr')).toEqual({ message: 'Compte bloqué' }));

  test('may have errors under any status, as the exchange of a request token needs', () => {
    const key = 'account_creation_request_token';
    const message = 'Please provide a valid account_creation_request_token';
    const failure = new Failure(404, { key }, { errors: new Map([[key, [{ key }]]]) });
    expect(bodyOf(failure, 'en')).toEqual({ message, errors: { [key]: [message] } });
  });

  test('shows nothing of an unknown error', () => {
    const secret = new Error('password of jane');
    expect(statusOf(secret)).toBe(500);
    expect(bodyOf(secret, 'en')).toEqual({ message: 'Server Error' });
    expect(bodyOf(secret, 'fr')).toEqual({ message: 'Erreur du serveur' });
    expect(bodyOf(undefined, 'en')).toEqual({ message: 'Server Error' });
  });
});
