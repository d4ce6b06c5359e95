import autocannon from 'autocannon';

/** What makes one request differ from the others. */
export interface Own {
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly path?: string;
}

export interface Load {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** `connection` is the same object for all requests of one connection. */
  readonly each?: (connection: object) => Own;
  readonly seconds?: number;
  /** So many requests instead of so many seconds. */
  readonly amount?: number;
  readonly connections?: number;
}

export const CONNECTIONS = 50;

export interface Measured {
  /** Good answers a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** 50 connections, keep-alive, one request in flight on each. Any answer but 2xx makes the measurement void. */
export const load = ({
  url,
  method = 'GET',
  headers = {},
  each,
  seconds = 5,
  amount,
  connections = CONNECTIONS,
}: Load): Promise<Measured> => {
  const times: number[] = [];
  let bad: number | undefined;
  return new Promise((resolve, reject) => {
    const instance = autocannon(
      { url, connections, ...(amount === undefined ? { duration: seconds } : { amount }), requests: [requestOf(method, headers, each)] },
      (error: Error | null, result) => {
        if (error) return reject(error);
        if (result.non2xx > 0 || result.errors > 0)
          return reject(new Error(`${result.non2xx} bad answers (the first ${bad}), ${result.errors} errors: the measurement is void`));
        resolve({ rate: result['2xx'] / result.duration, p99: percentile(times, 0.99) });
      },
    );
    // autocannon's own histogram counts whole milliseconds
    instance.on('response', (_client, status, _bytes, milliseconds) => {
      if (status >= 300) bad ??= status;
      times.push(milliseconds);
    });
  });
};

const requestOf = (method: 'GET' | 'POST', headers: Readonly<Record<string, string>>, each: Load['each']): autocannon.Request => ({
  method,
  headers: { ...headers },
  ...(each === undefined
    ? {}
    : {
        setupRequest: (request) => {
          const { headers: own, ...rest } = each(connectionOf(request));
          return { ...request, ...rest, headers: own === undefined ? { ...headers } : { ...headers, ...own } };
        },
      }),
});

/** autocannon copies its options, with the list of requests in them, for each connection: that copy tells connections apart. */
const connectionOf = (request: autocannon.Request): object => {
  const { requests } = request as { requests?: unknown };
  if (typeof requests !== 'object' || requests === null) throw new Error('autocannon does not tell its connections apart any more');
  return requests;
};

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Several measurements of one number. */
export interface Sample {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export const sampleOf = (values: readonly number[]): Sample => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

export interface Ratio {
  readonly ratio: Sample;
  readonly ours: Sample;
  readonly baseline: Sample;
}

/** Baseline and ours in turns, so that a noisy minute hits both; ratios are of neighbours. One pair before warms both up. */
export const ratioOf = async (runs: number, baseline: () => Promise<number>, ours: () => Promise<number>): Promise<Ratio> => {
  await baseline();
  await ours();
  const pairs: { readonly b: number; readonly o: number }[] = [];
  for (let run = 0; run < runs; run++) pairs.push({ b: await baseline(), o: await ours() });
  return {
    ratio: sampleOf(pairs.map(({ b, o }) => o / b)),
    ours: sampleOf(pairs.map(({ o }) => o)),
    baseline: sampleOf(pairs.map(({ b }) => b)),
  };
};
