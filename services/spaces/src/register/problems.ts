import { Failure, invalid, notFound, ProblemList, unavailable } from '@flexistream/http';
import type { Refusal } from '@flexistream/kernel';
import type { Objections, RegisterRefusal } from './register.ts';

/** What only a look at the other spaces tells. */
export const problemsOf = ({ taken, lastSuper }: Objections): ProblemList => {
  const problems = new ProblemList();
  for (const field of taken) problems.add(field, { key: 'unique' });
  if (lastSuper) problems.add('super', { key: 'last_super_space_changed' });
  return problems;
};

const answers: Readonly<Record<RegisterRefusal, (details: Refusal['details']) => Failure>> = {
  space_unknown: notFound,
  space_refused: (details) => invalid(problemsOf(details as unknown as Objections).problems),
  limit_moved: () => unavailable(),
  last_super_space: () => new Failure(403, { key: 'last_super_space_deleted' }),
};

export const answerRefusal = ({ refused, details }: Refusal): Failure => answers[refused as RegisterRefusal](details);

/** A given host must be the root host or below it, on the boundary of a label (spec spaces.md §5.1). */
export const isWithin = (root: string, host: string): boolean => {
  const lower = root.toLowerCase();
  return lower === '' || host === lower || host.endsWith(`.${lower}`);
};
