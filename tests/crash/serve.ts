import type { Clock } from '@flexistream/kernel';
import { createLog } from '@flexistream/observability';
import { type Infrastructure, openEmbedded, readCommandLine } from '@flexistream/service-host';
import { standaloneSettings } from '../../services/standalone/src/settings.ts';
import { startStandalone } from '../../services/standalone/src/standalone.ts';

interface Changed {
  readonly clock?: Clock;
  readonly infrastructure?: (real: Infrastructure) => Infrastructure;
}

/** Standalone as `main.ts` composes it, with one thing changed on purpose. */
export const serve = async ({ clock, infrastructure = (real) => real }: Changed): Promise<void> => {
  const { values } = readCommandLine(standaloneSettings, { serve: { usage: '', description: '' } }, [], process.env);
  const log = createLog({ level: values.LOG_LEVEL, name: 'standalone' });
  const own = clock === undefined ? {} : { clock };
  const real = await openEmbedded({ folder: values.DATA_DIR, masterKey: values.MASTER_KEY, ...own });
  const standalone = await startStandalone({ values, infrastructure: infrastructure(real), log, ...own });
  log.info({ http: standalone.url }, 'serving');
  process.once('SIGTERM', () => void standalone.stop());
};
