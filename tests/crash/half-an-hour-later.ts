import { systemClock } from '@flexistream/kernel';
import { serve } from './serve.ts';

/** Everything that a crash left behind is old enough for the sweeps, which leave young things alone. */
const MINUTES_AHEAD = 30;

await serve({ clock: () => systemClock() + MINUTES_AHEAD * 60_000 });
