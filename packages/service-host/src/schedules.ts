import type { Ephemeral } from '@flexistream/ephemeral';
import type { Clock } from '@flexistream/kernel';
import { type Log, traced } from '@flexistream/observability';
import { Cron } from 'croner';
import { systemContext } from './context.ts';
import type { AnyService } from './service.ts';

/** Runs a service's schedules; a lease in the ephemeral store leaves each round to one instance. Also once at the start. */
export const startSchedules = (service: AnyService, ephemeral: Ephemeral, clock: Clock, log: Log): { stop(): Promise<void> } => {
  const underway = new Set<Promise<void>>();
  const round = async ({ name, everySeconds, run }: AnyService['schedules'][number]): Promise<void> => {
    if (!(await ephemeral.once(`lease:${service.name}:${name}`, everySeconds * 900))) return;
    await traced(`schedule ${name}`, {}, () => run(systemContext(service.name, clock)));
  };
  const start = (schedule: AnyService['schedules'][number]): void => {
    const work = round(schedule).catch((error: unknown) =>
      log.error({ error, schedule: schedule.name }, 'a schedule failed and will run again'),
    );
    underway.add(work);
    void work.finally(() => underway.delete(work));
  };
  const jobs = service.schedules.map((schedule) => {
    start(schedule);
    return new Cron(
      '* * * * * *',
      { interval: schedule.everySeconds, unref: true, startAt: new Date(Date.now() + schedule.everySeconds * 1_000).toISOString() },
      () => start(schedule),
    );
  });
  return {
    stop: async () => {
      for (const job of jobs) job.stop();
      await Promise.all(underway);
    },
  };
};
