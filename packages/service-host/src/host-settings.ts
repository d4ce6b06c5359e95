import { z } from 'zod';
import { integerSetting, type Setting, secretSetting, textSetting } from './settings.ts';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const level: Setting<(typeof levels)[number]> = {
  schema: z.enum(levels).default('info'),
  doc: `how much is logged: ${levels.join(', ')}`,
  fallback: 'info',
};

/** What every process reads, whatever it hosts (design §13). */
export const hostSettings = {
  DATA_DIR: textSetting(
    'the folder of every file of the embedded engines, made with mode 0700; a second process on it is refused',
    './data',
  ),
  MASTER_KEY: secretSetting(
    '32 bytes in hex or base64, or a text of at least 32 characters; unset: the file master.key in DATA_DIR, made at first start',
  ),
  LOG_LEVEL: level,
  METRICS_PORT: integerSetting('port of GET /metrics for Prometheus, on the address of HOST; 0 = off', 9464, 0, 65_535),
  OTEL_EXPORTER_OTLP_ENDPOINT: textSetting('base address of an OTLP/HTTP collector; unset: no traces and no cost'),
  OTEL_SERVICE_NAME: textSetting('the name of this process in traces; unset: that of its service, standalone where it hosts all'),
} as const;
