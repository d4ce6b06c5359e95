import { spawnSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'deploy', 'observability');

/** What Prometheus shows of an instrument: OpenTelemetry's exporter ends counters and the series of a histogram in names of their own. */
const series = {
  counter: (name: string) => [`${name}_total`],
  gauge: (name: string) => [name],
  histogram: (name: string) => [`${name}_bucket`, `${name}_sum`, `${name}_count`],
} as const;

const served = new Set<string>(['up']); // Prometheus' own
for (const file of globSync(['packages/*/src/**/*.ts', 'services/*/src/**/*.ts'], { cwd: root })) {
  const source = readFileSync(join(root, file), 'utf8');
  for (const [, kind, name = ''] of source.matchAll(/\b(counter|gauge|histogram)\(\s*'(flexistream_\w+)'/g))
    for (const one of series[kind as keyof typeof series](name)) served.add(one);
}

interface Expression {
  readonly where: string;
  readonly text: string;
}

const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const rules: readonly { alert: string; expr: string; labels: Record<string, string>; annotations: Record<string, string> }[] = parse(
  read('alerts.yaml'),
).groups.flatMap(({ rules }: { rules: unknown[] }) => rules);
const dashboards = readdirSync(join(folder, 'dashboards')).map((file) => ({ file, board: JSON.parse(read(`dashboards/${file}`)) }));

const expressions: readonly Expression[] = [
  ...rules.map(({ alert, expr }) => ({ where: alert, text: expr })),
  ...dashboards.flatMap(({ file, board }) =>
    board.panels.flatMap((panel: { title: string; targets: { expr: string }[] }) =>
      panel.targets.map(({ expr }) => ({ where: `${file}: ${panel.title}`, text: expr.replaceAll('$__rate_interval', '1m') })),
    ),
  ),
];

/** By Prometheus' own grammar: the names that an expression asks for, and whether it is one. */
const asks = ({ text }: Expression): { metrics: string[]; faulty: boolean } => {
  const metrics: string[] = [];
  let faulty = false;
  parser.parse(text).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError) faulty = true;
      if (type.name === 'Identifier' && node.parent?.type.name === 'VectorSelector') metrics.push(text.slice(from, to));
    },
  });
  return { metrics, faulty };
};

describe('deploy/observability', () => {
  test.each(expressions)('asks only for metrics that a process serves: $where', (expression) => {
    const { metrics, faulty } = asks(expression);
    expect(faulty).toBe(false);
    expect(metrics.length).toBeGreaterThan(0);
    expect(metrics.filter((name) => !served.has(name))).toEqual([]);
  });

  test('notices a metric that does not exist and an expression that is none', () => {
    expect(asks({ where: '', text: 'sum(rate(flexistream_nothing_total[5m]))' }).metrics).toEqual(['flexistream_nothing_total']);
    expect(served.has('flexistream_nothing_total')).toBe(false);
    expect(asks({ where: '', text: 'sum(rate(up[5m])' }).faulty).toBe(true);
  });

  test('shows every metric that there is', () => {
    const asked = new Set(expressions.flatMap((expression) => asks(expression).metrics));
    const unseen = [...served].filter((name) => !name.endsWith('_sum') && !asked.has(name));
    expect(unseen).toEqual([]);
  });

  test('tells for each alert how bad it is and what it is', () => {
    for (const { alert, labels, annotations } of rules) {
      expect([alert, labels.severity]).toEqual([alert, expect.stringMatching(/^(critical|warning)$/)]);
      expect(annotations.summary).toMatch(/\S/);
    }
  });

  test('has dashboards whose panels and ids are their own', () => {
    expect(new Set(dashboards.map(({ board }) => board.uid)).size).toBe(dashboards.length);
    for (const { board } of dashboards) {
      const ids = board.panels.map(({ id }: { id: number }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const [{ name, type }] = board.templating.list;
      expect(type).toBe('datasource');
      for (const { datasource } of board.panels) expect(datasource.uid).toBe(`\${${name}}`);
    }
  });

  test('has a collector whose pipelines name only what it configures', () => {
    const { service, ...parts } = parse(read('collector.yaml'));
    for (const pipeline of Object.values(service.pipelines) as Record<string, string[]>[])
      for (const [kind, names] of Object.entries(pipeline)) expect(Object.keys(parts[kind])).toEqual(expect.arrayContaining(names));
    expect(service.pipelines.traces.processors[0]).toBe('memory_limiter');
  });

  const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
  (hasPromtool ? test : test.skip)('passes the tests of its alerts (promtool)', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'alerts.test.yaml'], { cwd: folder, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});
