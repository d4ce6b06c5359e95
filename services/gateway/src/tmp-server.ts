import { createSecretKey } from 'node:crypto';
import { createLog } from '@flexistream/observability';
import { readSettings } from '@flexistream/service-host';
import express from 'express';
import { MemoryEphemeral } from '../../../packages/ephemeral/src/embedded/memory.ts';
import { gatewayDoors } from './gateway-doors.ts';
import { gatewaySettings } from './settings.ts';
import { Backend } from './spec-support/backend.ts';

const account = {
  id: 1,
  username: 'jane',
  domain: 'localhost',
  email: null,
  admin: false,
  blocked: false,
  activated: true,
  dictionary: {},
  types: [],
  actions: [],
  x: 'y'.repeat(400),
};
const which = process.argv[2];
if (which === 'bare') {
  const app = express();
  app.get('/api/accounts/me', (_q, r) => {
    r.json(account);
  });
  app.use(express.json());
  app.post('/api/statistics/calls', (q, r) => {
    r.json(q.body);
  });
  app.listen(9001, '127.0.0.1');
} else {
  const backend = new Backend();
  const space = backend.addSpace('localhost');
  backend.addKey('k', backend.addAccount(space, 'jane', { admin: true }));
  const doors = await gatewayDoors({
    ask: backend.ask,
    clock: Date.now,
    ephemeral: new MemoryEphemeral({ clock: Date.now, limit: 1e6, remember: () => {} }),
    key: createSecretKey(Buffer.alloc(32)),
    log: createLog({ level: which === 'quiet' ? 'silent' : 'info' }),
    ready: () => ({ ready: true }),
    settings: readSettings(gatewaySettings, { PORT: '9002', TLS_PORT: '0', RATE_LIMIT_PER_MINUTE: '0' }),
    handlers: { readMe: async () => ({ status: 200, json: account }), announceCall: async () => ({ status: 200, text: '1' }) },
  });
  await doors.listen();
}
