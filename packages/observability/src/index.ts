import type { Logger } from 'pino';

/** Structured logs; a child per request carries its ids. */
export type Log = Logger;
