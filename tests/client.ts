import { request } from 'undici';

export interface Question {
  readonly method?: string;
  /** An object goes out as JSON, text and bytes as they are. */
  readonly body?: unknown;
  readonly key?: string | undefined;
  /** The space is chosen by it; the server's own address means the default space. */
  readonly host?: string | undefined;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON; what it is not, the test will tell. */
  // biome-ignore lint/suspicious/noExplicitAny: a test compares every member that it names
  readonly json: any;
}

export interface Exchange {
  readonly path: string;
  readonly question: Question;
  readonly answer: Answer;
}

let watch: (exchange: Exchange) => void = () => {};

/** From now on it is told of every exchange of the suites of this file. */
export const watchExchanges = (watcher: typeof watch): void => {
  watch = watcher;
};

interface Listening {
  readonly url: string;
}

/** Sends one request and reads the whole answer; rejects when it did not arrive whole. */
export const ask = async (server: Listening, path: string, question: Question = {}): Promise<Answer> => {
  const { method = 'GET', body, key, host, headers = {} } = question;
  const {
    statusCode,
    headers: received,
    body: stream,
  } = await request(`${server.url}${path}`, {
    method: method as 'GET',
    headers: {
      ...(key === undefined ? {} : { 'x-api-key': key }),
      ...(host === undefined ? {} : { host }),
      ...headers,
    },
    body: bytesOf(body) ?? null,
  });
  const text = await stream.text();
  const answer: Answer = {
    status: statusCode,
    headers: received,
    text,
    get json() {
      return JSON.parse(text);
    },
  };
  watch({ path, question, answer });
  return answer;
};

const bytesOf = (body: unknown): string | Buffer | undefined =>
  body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);

/** All values of a header, however many lines it had. */
export const linesOf = ({ headers }: Answer, name: string): readonly string[] => {
  const value = headers[name];
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
};
