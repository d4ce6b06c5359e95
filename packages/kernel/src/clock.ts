/** Milliseconds since 1970. The only source of time outside commands, so that specs can hold it. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** A clock for specs: stands still until it is moved. */
export const fixedClock = (start = Date.UTC(2026, 0, 1)): Clock & { advance(milliseconds: number): void } => {
  let now = start;
  return Object.assign(() => now, {
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  });
};

export const isoMoment = (milliseconds: number): string => new Date(milliseconds).toISOString();
