/** What a device answered to a message, and when. */
export interface Delivery {
  /** A SIP status. */
  readonly lastStatus: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly receivedAt: string;
}

const isSuccess = ({ lastStatus }: Delivery): boolean => lastStatus >= 200 && lastStatus < 300;

/**
 * Which of two answers of one device stands: the later one by `received_at`, so a delivered message does not become undelivered by an error
 * that is older. Flexisip's clock counts whole seconds: of two in the same one the success stands, 200 before 202, else the higher number.
 * The order of arrival has no say, or two proxies of one cluster would end in different views (spec statistics.md §8, §12.1).
 */
export const decisive = (one: Delivery, other: Delivery): Delivery => {
  if (one.receivedAt !== other.receivedAt) return one.receivedAt > other.receivedAt ? one : other;
  if (isSuccess(one) !== isSuccess(other)) return isSuccess(one) ? one : other;
  return one.lastStatus < other.lastStatus === isSuccess(one) ? one : other;
};
