import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sipAddressOf } from './sip-address.ts';

test.each([
  ['tony@sip.example.org', 'tony', 'sip.example.org'],
  ['sip:tony@sip.example.org', 'tony', 'sip.example.org'],
  ['SIPS:tony@Sip.Example.org', 'tony', 'sip.example.org'],
  ['sip:tony@sip.example.org:5061', 'tony', 'sip.example.org'],
  ['sip:tony@sip.example.org;transport=tls', 'tony', 'sip.example.org'],
  ['sip:tony@sip.example.org:5061;a=b@c?d=e', 'tony', 'sip.example.org'],
  ['"Tony, <x>" <sip:tony@sip.example.org>;tag=1', 'tony', 'sip.example.org'],
  ['<sip:tony@sip.example.org>', 'tony', 'sip.example.org'],
  ['a@b@c', 'a@b', 'c'],
  ['+33612121212@x.org', '+33612121212', 'x.org'],
  ['+33;phone-context=x@domain.org', '+33;phone-context=x', 'domain.org'],
  ['a%40b@c.org', 'a%40b', 'c.org'],
  ['tony@sip.example.org ', 'tony', 'sip.example.org'],
  ['tony@[2001:DB8::1]:5060', 'tony', '[2001:db8::1]'],
  ['tony@192.0.2.1:5060', 'tony', '192.0.2.1'],
])('%s', (text, username, domain) => expect(sipAddressOf(text)).toEqual({ username, domain }));

test.each([
  '',
  'tony',
  'sip:tony',
  '@x.org',
  'sip:@x.org',
  'tony@',
  'tony@;a=b',
  'to ny@x.org',
  'tony@x .org',
  'tony\n@x.org',
  'tony@:5060',
])('%j is none', (text) => expect(sipAddressOf(text)).toBeUndefined());

test('never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const read = sipAddressOf(text);
      return read === undefined || (read.username !== '' && read.domain !== '');
    }),
  );
});
