// What HEALTHCHECK runs: exit code 0 when the process in this container is ready. scripts/bundle.mjs puts in which door it has.
/* global HEALTH_VARIABLE, HEALTH_FALLBACK */
const host = process.env.HOST ?? '';
const everywhere = ['', '0.0.0.0', '::'];
const address = everywhere.includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
const port = process.env[HEALTH_VARIABLE] || HEALTH_FALLBACK;

try {
  const answer = await fetch(`http://${address}:${port}/readyz`, { signal: AbortSignal.timeout(2_500) });
  await answer.arrayBuffer();
  process.exitCode = answer.status === 200 ? 0 : 1;
} catch {
  process.exitCode = 1;
}
