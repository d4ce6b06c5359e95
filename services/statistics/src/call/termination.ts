/** How the invitation of one device ended. `state` is free text; six are known (spec statistics.md §7). */
export interface Termination {
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly state: string;
}

/** Which of two states of the same moment counts: the earlier in this list; what is not known counts least. */
const byWeight = ['accepted', 'declined', 'error', 'canceled', 'accepted_elsewhere', 'declined_elsewhere'];

const weight = (state: string): number => {
  const place = byWeight.indexOf(state);
  return place < 0 ? byWeight.length : place;
};

/** The later one; of two at the same moment the weightier, so that the order of arrival never matters (spec statistics.md §8). */
export const decisive = (one: Termination, other: Termination): Termination => {
  if (one.at !== other.at) return one.at > other.at ? one : other;
  const difference = weight(one.state) - weight(other.state);
  if (difference !== 0) return difference < 0 ? one : other;
  return one.state <= other.state ? one : other;
};
