import type { Language } from './call.ts';
import { translate } from './texts.ts';

/** Cannot be set by callers (spec auth-and-errors.md §11.1). */
export const perPage = 20;

export interface PageLink {
  readonly url: string | null;
  readonly label: string;
  readonly active: boolean;
}

/** One page of a list, members in this order (spec auth-and-errors.md §11.1). */
export interface Page<T> {
  readonly current_page: number;
  readonly data: readonly T[];
  readonly first_page_url: string;
  readonly from: number | null;
  readonly last_page: number;
  readonly last_page_url: string;
  readonly links: readonly PageLink[];
  readonly next_page_url: string | null;
  readonly path: string;
  readonly per_page: number;
  readonly prev_page_url: string | null;
  readonly to: number | null;
  readonly total: number;
}

export interface PageOf {
  /** Of the whole list. */
  readonly total: number;
  /** From 1; beyond the end is fine. */
  readonly page: number;
  readonly perPage?: number;
  /** Scheme, host and path as the client used them, without query: `https://sip.example.org/api/accounts`. */
  readonly url: string;
  readonly language: Language;
}

/** `?page=N`; missing, 0, negative, not a number: the first. */
export const pageNumber = (given: string | undefined): number => {
  const page = /^[0-9]{1,15}$/.test(given ?? '') ? Number(given) : 1;
  return Math.max(page, 1);
};

export const page = <T>(items: readonly T[], { total, page: current, perPage: size = perPage, url, language }: PageOf): Page<T> => {
  const last = Math.max(1, Math.ceil(total / size));
  const at = (number: number): string => `${url}?page=${number}`;
  const previous = current > 1 ? at(current - 1) : null;
  const next = current < last ? at(current + 1) : null;
  const from = items.length === 0 ? null : (current - 1) * size + 1;
  return {
    current_page: current,
    data: items,
    first_page_url: at(1),
    from,
    last_page: last,
    last_page_url: at(last),
    links: [
      { url: previous, label: translate(language, { key: 'previous_page' }), active: false },
      ...numbers(current, last).map((number) =>
        number === gap ? cut : { url: at(number), label: String(number), active: number === current },
      ),
      { url: next, label: translate(language, { key: 'next_page' }), active: false },
    ],
    next_page_url: next,
    path: url,
    per_page: size,
    prev_page_url: previous,
    to: from === null ? null : from + items.length - 1,
    total,
  };
};

/** Stands for the pages that are left out. */
const gap = 0;
const cut: PageLink = { url: null, label: '...', active: false };

const range = (first: number, last: number): number[] => Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);

/** At most 13 pages are all shown; else the ends and the current page's neighbourhood, with one or two gaps. */
const numbers = (current: number, last: number): number[] => {
  if (last <= 13) return range(1, last);
  if (current <= 7) return [...range(1, 10), gap, ...range(last - 1, last)];
  if (current >= last - 6) return [1, 2, gap, ...range(last - 9, last)];
  return [1, 2, gap, ...range(current - 3, current + 3), gap, ...range(last - 1, last)];
};
