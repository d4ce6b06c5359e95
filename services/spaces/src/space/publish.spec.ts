import { type StoredEvent, stamp, uuidv7 } from '@flexistream/kernel';
import { expect, test } from '@jest/globals';
import { registerStream } from '../register/events.ts';
import { spaceEvents } from './events.ts';
import { publishSpaces } from './publish.ts';

const told = (type: string, stream = 'space-s1') => {
  const events = stamp([{ type, data: {} }], stream, { id: uuidv7(0), correlation: 'c', actor: 'public', at: '' }, () => 1);
  return events.flatMap((event) => publishSpaces({ ...event, stream, revision: 0, position: 1 } satisfies StoredEvent));
};

test.each(Object.keys(spaceEvents.types))('%s is told by the id of its space only', (type) => {
  const kind = type === 'SpaceCreated' ? 'created' : type === 'SpaceDeleted' ? 'deleted' : 'changed';
  expect(told(type)).toEqual([{ type: `space.${kind}.v1`, subject: 's1', data: { spaceId: 's1' } }]);
});

test.each([
  ['SpaceCreated', registerStream],
  ['SpaceErased', registerStream],
  ['BlockReserved', 'spacesequence-mailservers'],
  ['ClaimAbandoned', 'space-s1'],
])('%s in %s is nobody else’s business', (type, stream) => expect(told(type, stream)).toEqual([]));
