import { systemClock } from '@flexistream/kernel';
import { deriveKey } from '@flexistream/key-store';
import { runProcess } from '@flexistream/service-host';
import { evictOnEvents } from './evictions.ts';
import { gatewayDoors } from './gateway-doors.ts';
import type { Handlers } from './routing/route-table.ts';
import { gatewaySettings } from './settings.ts';

await runProcess('gateway', gatewaySettings, async ({ values, infrastructure, client, log }) => {
  const doors = await gatewayDoors({
    ask: client.ask,
    handlers: client.handlers() as Handlers,
    ephemeral: infrastructure.ephemeral,
    clock: systemClock,
    settings: values,
    log,
    key: deriveKey(infrastructure.masterKey, 'digest nonces'),
    ready: () => ({ ready: true }),
    dataDir: values.DATA_DIR,
  });
  const evictions = await evictOnEvents(infrastructure.bus, doors.evict);
  const { http, https } = await doors.listen();
  log.info({ port: http.port, tlsPort: https?.port }, 'serving');
  return async () => {
    await doors.close();
    await evictions.stop();
  };
});
