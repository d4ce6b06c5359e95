import { randomUUID } from 'node:crypto';
import { checkCommit, type Expected } from './commit-check.ts';
import type { ProposedRecord, RecordLog } from './record-log.ts';
import { isMetastream, metadataOf, metastreamOf, originalOf, SOFT_DELETION, truncatedBefore } from './stream-rules.ts';

export type Written =
  | { readonly result: 'written'; readonly revision: number; readonly position: number | undefined }
  | { readonly result: 'wrong-expected-version'; readonly current: number }
  | { readonly result: 'deleted' };

const REMEMBERED_IDS = 100_000;

interface Job {
  readonly run: () => Written;
  readonly done: (written: Written) => void;
}

/** Writes in the order of asking; what comes in one turn of the event loop shares a commit, and is answered after it. */
export class LogWriter {
  readonly #log: RecordLog;
  readonly #appended: () => void;
  readonly #recent = new Map<string, { readonly stream: string; readonly revision: number }>();
  #jobs: Job[] = [];

  constructor(log: RecordLog, appended: () => void) {
    this.#log = log;
    this.#appended = appended;
  }

  append(stream: string, expected: Expected, events: readonly ProposedRecord[]): Promise<Written> {
    return this.#queue(() => this.#append(stream, expected, events));
  }

  delete(stream: string, expected: Expected): Promise<Written> {
    return this.#queue(() => this.#delete(stream, expected));
  }

  #queue(run: () => Written): Promise<Written> {
    if (this.#jobs.length === 0) setImmediate(() => this.#commit());
    return new Promise((done) => this.#jobs.push({ run, done }));
  }

  #commit(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    if (!this.#log.isOpen) return;
    const answers: (() => void)[] = [];
    this.#log.transaction(() => {
      for (const { run, done } of jobs) {
        const written = run();
        answers.push(() => done(written));
      }
    });
    for (const answer of answers) answer();
    this.#appended();
  }

  #append(stream: string, expected: Expected, events: readonly ProposedRecord[]): Written {
    const ids = events.map(({ id }) => id);
    const check = checkCommit(this.#log, this.#recent, stream, expected, ids);
    if (check.decision === 'deleted') return { result: 'deleted' };
    if (check.decision === 'wrong-expected-version') return { result: 'wrong-expected-version', current: check.current };
    // A repeat is answered with a position only if the event can still be read (IndexWriter.cs, idempotentEvent).
    if (check.decision === 'repeated') {
      return { result: 'written', revision: check.last, position: this.#log.at(stream, check.last)?.position };
    }
    const first = this.#log.lastRevision(stream) + 1;
    const revives = isMetastream(stream) && metadataOf(this.#log, originalOf(stream)).softDeleted;
    const last = this.#write(stream, events);
    if (check.revives) this.#truncate(stream, first);
    // Metadata that is set on a deleted stream brings it back, empty (StorageWriterService.cs, SoftUndeleteMetastream).
    if (revives) this.#truncate(originalOf(stream), this.#log.lastRevision(originalOf(stream)) + 1);
    return { result: 'written', revision: last.revision, position: last.position };
  }

  /** Only marks the stream: its metadata is replaced by a `$tb` beyond all revisions (StorageWriterService.cs, WriteDelete, SOFT DELETE). */
  #delete(stream: string, expected: Expected): Written {
    const check = checkCommit(this.#log, this.#recent, stream, expected, [randomUUID()]);
    if (check.decision === 'deleted') return { result: 'deleted' };
    const current = this.#log.lastRevision(stream);
    if (check.decision !== 'write') return { result: 'wrong-expected-version', current };
    if (current < 0 && this.#log.lastRevision(metastreamOf(stream)) < 0) return { result: 'wrong-expected-version', current };
    const { position } = this.#write(metastreamOf(stream), [metadataRecord(SOFT_DELETION)]);
    return { result: 'written', revision: current, position };
  }

  #truncate(stream: string, before: number): void {
    this.#write(metastreamOf(stream), [metadataRecord(truncatedBefore(this.#log, stream, before))]);
  }

  #write(stream: string, events: readonly ProposedRecord[]) {
    const last = this.#log.append(stream, events, Date.now());
    for (const [index, { id }] of events.entries()) {
      this.#recent.set(id, { stream, revision: last.revision - events.length + 1 + index });
    }
    for (const [id] of this.#recent) {
      if (this.#recent.size <= REMEMBERED_IDS) break;
      this.#recent.delete(id);
    }
    return last;
  }
}

const metadataRecord = (text: string): ProposedRecord => ({
  id: randomUUID(),
  type: '$metadata',
  contentType: 'application/json',
  data: new Uint8Array(Buffer.from(text, 'utf8')),
  metadata: new Uint8Array(),
});
