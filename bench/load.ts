import autocannon from 'autocannon';

export interface Load {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes each request's own headers, path or body. */
  readonly each?: () => { readonly headers?: Record<string, string>; readonly body?: string; readonly path?: string };
  readonly seconds?: number;
  readonly connections?: number;
}

export interface Measured {
  /** Good answers a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** 50 connections, keep-alive, one request in flight on each. Any answer but 2xx makes the measurement void. */
export const load = async ({ url, method = 'GET', headers = {}, each, seconds = 5, connections = 50 }: Load): Promise<Measured> => {
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests: [
      {
        method,
        headers: { ...headers },
        ...(each === undefined
          ? {}
          : {
              setupRequest: (request) => {
                const own = each();
                return {
                  ...request,
                  ...(own.path === undefined ? {} : { path: own.path }),
                  ...(own.body === undefined ? {} : { body: own.body }),
                  headers: { ...request.headers, ...own.headers },
                };
              },
            }),
      },
    ],
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} bad answers, ${result.errors} errors: the measurement is void`);
  return { rate: result['2xx'] / result.duration, p99: result.latency.p99 };
};

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Baseline and ours in turns, so that a noisy minute hits both; the median of the ratios. */
export const ratioOf = async (
  runs: number,
  baseline: () => Promise<Measured>,
  ours: () => Promise<Measured>,
): Promise<{ ratio: number; ours: number; baseline: number }> => {
  const pairs: { readonly b: number; readonly o: number }[] = [];
  for (let run = 0; run < runs; run++) pairs.push({ b: (await baseline()).rate, o: (await ours()).rate });
  return {
    ratio: median(pairs.map(({ b, o }) => o / b)),
    ours: median(pairs.map(({ o }) => o)),
    baseline: median(pairs.map(({ b }) => b)),
  };
};
