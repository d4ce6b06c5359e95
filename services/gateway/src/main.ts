import { systemClock } from '@flexistream/kernel';
import { deriveKey } from '@flexistream/key-store';
import { askedOnce, firstStartSettings, runProcess } from '@flexistream/service-host';
import { urlOf } from './doors/url-of.ts';
import { evictOnEvents } from './evictions.ts';
import { finishFirstStart } from './first-start.ts';
import { gatewayDoors } from './gateway-doors.ts';
import type { Handlers } from './routing/route-table.ts';
import { gatewaySettings } from './settings.ts';

await runProcess('gateway', { ...gatewaySettings, ...firstStartSettings }, async ({ values, infrastructure, client, log }) => {
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
  await askedOnce(() => infrastructure.ephemeral.get('gateway'), log); // of the engines it needs Redis only, and without it keys go on
  const { http, https } = await doors.listen();
  const url = urlOf('http', http);
  log.info({ http: url, ...(https === undefined ? {} : { https: urlOf('https', https) }) }, 'serving');
  const evictions = evictOnEvents(infrastructure.bus, doors.evict, log);
  const firstStart = finishFirstStart({ ask: client.ask, ephemeral: infrastructure.ephemeral, values, log, url });
  return async () => {
    await firstStart.stop();
    await doors.close();
    await (await evictions).stop();
  };
});
