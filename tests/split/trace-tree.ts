import type { Span } from '../otlp-collector.ts';

const kinds = ['', 'internal', 'server', 'client', 'producer', 'consumer'];

const typeOf = ({ attributes }: Span): string => {
  const value = attributes.find(({ key }) => key === 'flexistream.type')?.value as { readonly stringValue?: string } | undefined;
  return value?.stringValue === undefined ? '' : ` ${value.stringValue}`;
};

export const labelOf = (span: Span): string => `${span.service} ${kinds[span.kind]} ${span.name}${typeOf(span)}`;

/**
 * The spans below one as a text: a line each, below its parent's, brothers in the order of their text. `skipped` leaves out a span with all
 * below it.
 */
export const treeOf = (spans: readonly Span[], root: Span, skipped: (span: Span) => boolean = () => false, depth = 0): string => {
  const below = spans.filter((span) => span.parentSpanId === root.spanId && !skipped(span));
  const branches = below.map((span) => treeOf(spans, span, skipped, depth + 1)).sort();
  return [`${'  '.repeat(depth)}${labelOf(root)}`, ...branches].join('\n');
};

/** A question between processes whose two ends do not match, in words. */
export const brokenCalls = (spans: readonly Span[]): string[] => {
  const asked = spans.filter(({ kind }) => kinds[kind] === 'client');
  const unanswered = asked.filter((client) => {
    const ends = spans.filter(({ parentSpanId }) => parentSpanId === client.spanId);
    const [end] = ends;
    return (
      ends.length !== 1 || end === undefined || kinds[end.kind] !== 'server' || end.name !== client.name || end.service === client.service
    );
  });
  const unasked = spans.filter(
    ({ kind, parentSpanId }) => kinds[kind] === 'server' && parentSpanId && !asked.some(({ spanId }) => spanId === parentSpanId),
  );
  return [...unanswered, ...unasked].map(labelOf);
};
