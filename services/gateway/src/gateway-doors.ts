import { setTimeout as pause } from 'node:timers/promises';
import { loadCertificate } from './doors/certificate.ts';
import { Doors, type Opened } from './doors/doors.ts';
import type { Listener } from './doors/express-apps.ts';
import { Gateway, type GatewayOptions } from './gateway.ts';

export interface GatewayDoorsOptions extends GatewayOptions {
  /** `DATA_DIR`: a self-signed certificate is kept in its folder `tls`; undefined: it lives as long as the process. */
  readonly dataDir?: string;
  /** Instead of `TLS_PORT`; here 0 is any free port, for specs. */
  readonly tlsPort?: number;
}

export interface GatewayDoors {
  /** What answers a request, on whatever server. */
  readonly listener: Listener;
  listen(): Promise<Opened>;
  /** Drops what is held of `account:<id>`, `space:<id>`, `key:<sha-256 hex>`: called by whoever sees them change. */
  evict(names: readonly string[]): void;
  /**
   * The part of a shutdown that belongs to the doors (design §7): readiness false, a pause for endpoints to notice, nothing more is
   * accepted, every open request is answered, then connections end.
   */
  close(): Promise<void>;
}

/** What was sent before the signal may still be unread in a socket: a connection that ended at once would lose it. */
const LEAST_PAUSE_MS = 500;

/** @throws Error when a setting cannot be used: the process must not start */
export const gatewayDoors = async ({ dataDir, tlsPort, ...options }: GatewayDoorsOptions): Promise<GatewayDoors> => {
  const { settings, log } = options;
  let closing = false;
  const gateway = new Gateway({
    ...options,
    ready: () => (closing ? { ready: false, problems: ['shutting down'] } : options.ready()),
  });
  const port = tlsPort ?? (settings.TLS_PORT === 0 ? undefined : settings.TLS_PORT);
  const source = { certFile: settings.TLS_CERT, keyFile: settings.TLS_KEY, folder: dataDir, names: [] };
  const doors = new Doors({
    host: settings.HOST,
    port: settings.PORT,
    tls: port === undefined ? undefined : { port, ...(await loadCertificate(source)) },
    maxBodyBytes: settings.MAX_BODY_BYTES,
    requestTimeoutMs: settings.REQUEST_TIMEOUT_SECONDS * 1000,
    answer: (request, response, more) => gateway.handle(request, response, more),
    onError: (error) => log.error({ err: error }, 'a request could not be answered'),
  });
  return {
    listener: doors.listener,
    listen: () => doors.open(),
    evict: (names) => gateway.identities.evict(names),
    close: async () => {
      closing = true;
      await pause(Math.max(LEAST_PAUSE_MS, settings.SHUTDOWN_PAUSE_SECONDS * 1000));
      await doors.close(settings.SHUTDOWN_LIMIT_SECONDS * 1000);
    },
  };
};
