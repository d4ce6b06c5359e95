import cliProgress from 'cli-progress';

/** A bar on a terminal, a line a tenth elsewhere, for work that takes long. */
export const progressLine = (): ((what: string, done: number, of: number) => void) => {
  let bar: cliProgress.SingleBar | undefined;
  return (what, done, of) => {
    if (of === 0) return;
    if (bar === undefined) {
      bar = new cliProgress.SingleBar({
        format: '{what} [{bar}] {value} of {total}, {eta_formatted} left',
        noTTYOutput: true,
        notTTYSchedule: 2_000,
        stream: process.stderr,
        clearOnComplete: false,
      });
      bar.start(of, done, { what });
    }
    bar.update(done, { what });
    if (done < of) return;
    bar.stop();
    bar = undefined;
  };
};
