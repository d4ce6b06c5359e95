import { openAtRest } from '@flexistream/sqlite';
import type { DurableValue } from './program.ts';

/** The durable values that have not ended at `now` (ms since 1970), of a file that no process has open. */
export const durableAtRest = (file: string, now: number): readonly DurableValue[] => {
  const reader = openAtRest(file);
  try {
    return reader.all<{ key: string; value: string; expiresAt: number }>(
      'SELECT key, value, expires_at AS expiresAt FROM durable WHERE expires_at > ?',
      now,
    );
  } finally {
    reader.close();
  }
};
