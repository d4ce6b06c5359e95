import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { GroupCommit } from './group-commit.ts';
import type { Answers, Request, RunItem } from './messages.ts';
import { asThrown, type Outcome } from './outcome.ts';
import type { OpenProgram } from './program.ts';

const port = parentPort;
if (port === null) throw new Error('the writer runs as a worker thread only');

const files = new Map<number, GroupCommit>();

/**
 * On a slow disk it pays to wait a little before the next commit: those who were answered by the last one ask again at once, and would
 * else split into groups that wait for one another's syncs. A tenth of the last commit, so a fast disk costs no time.
 */
const LONGEST_PATIENCE_MS = 1;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let patience = 0;

/** Takes everything that has arrived by now: it becomes one transaction a file. */
const round = (first: Request): void => {
  if (patience > 0.1) Atomics.wait(sleeper, 0, 0, patience);
  const items: RunItem[] = [];
  for (
    let request: Request | undefined = first;
    request !== undefined;
    request = receiveMessageOnPort(port)?.message as Request | undefined
  ) {
    if (request.ask === 'run') items.push(...request.items);
    else {
      commit(items.splice(0)); // what was asked before comes first
      attend(request);
    }
  }
  commit(items);
};

const commit = (items: readonly RunItem[]): void => {
  for (const [id, operations] of Map.groupBy(items, (item) => item.id)) {
    const begun = performance.now();
    const outcomes = files.get(id)?.run(operations) ?? operations.map(() => ({ lost: 'the file is closed' }));
    patience = operations.length > 1 ? Math.min((performance.now() - begun) / 10, LONGEST_PATIENCE_MS) : 0;
    answer(outcomes.map((outcome, index) => [operations[index]?.call ?? -1, outcome] as const)); // a file does not wait for the next one's disk
  }
};

const attend = (request: Exclude<Request, { ask: 'run' }>): void => {
  switch (request.ask) {
    case 'open':
      open(request).then((outcome) => answer([[request.call, outcome]]));
      return;
    case 'truncate':
      answer([[request.call, files.get(request.id)?.truncate() ?? { lost: 'the file is closed' }]]);
      return;
    case 'close':
      files.get(request.id)?.close();
      files.delete(request.id);
      answer([[request.call, { done: undefined }]]);
  }
};

const open = async ({ id, file, program, cacheKib }: Extract<Request, { ask: 'open' }>): Promise<Outcome> => {
  try {
    const { open } = (await import(program)) as { open: OpenProgram };
    files.set(id, new GroupCommit({ file, open, cacheKib }));
    return { done: undefined };
  } catch (error) {
    return { failed: asThrown(error) };
  }
};

const answer = (answers: Answers): void => port.postMessage(answers);

port.on('message', round);
