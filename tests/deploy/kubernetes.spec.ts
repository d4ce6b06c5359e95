import { beforeAll, describe, expect, test } from '@jest/globals';
import { processesRead } from './documented-settings.ts';
import { hasKubectl, type Manifest, objectionsTo, rendered } from './rendered.ts';

const suite = hasKubectl ? describe : describe.skip; // visible: CI machines have kubectl

type Labels = Readonly<Record<string, string>>;
const within = (wanted: Labels, labels: Labels): boolean => Object.entries(wanted).every(([name, value]) => labels[name] === value);

const workloadsOf = (manifests: readonly Manifest[]) => manifests.filter(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind));
const named = (manifests: readonly Manifest[], kind: string): string[] =>
  manifests.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);

suite.each(['small', 'large'])('deploy/kubernetes, overlay %s', (overlay) => {
  let manifests: readonly Manifest[];
  let pods: readonly { name: string; labels: Labels; spec: Manifest['spec']; ports: readonly string[] }[];

  beforeAll(() => {
    manifests = rendered(overlay);
    pods = workloadsOf(manifests).map(({ metadata, spec }) => ({
      name: metadata.name,
      labels: spec.template.metadata.labels,
      spec: spec.template.spec,
      ports: spec.template.spec.containers.flatMap(({ ports }: { ports: { name: string }[] }) => ports.map(({ name }) => name)),
    }));
  });

  test('is what the schemas of Kubernetes allow, without a field they do not know', async () => {
    expect(await objectionsTo(manifests)).toEqual([]);
  }, 60_000);

  test('would not pass with a field that is misspelt or a value of another type', async () => {
    const [one] = workloadsOf(manifests);
    const misspelt = { ...one, spec: { ...one?.spec, replicass: 2 } } as Manifest;
    const mistyped = { ...one, spec: { ...one?.spec, minReadySeconds: 'five' } } as Manifest;
    expect(await objectionsTo([misspelt])).toEqual([expect.stringContaining('replicass')]);
    expect((await objectionsTo([mistyped])).join()).toContain('minReadySeconds');
  }, 60_000);

  test('selects with every selector pods that exist', () => {
    const selectors = manifests.flatMap((manifest): [string, Labels][] => {
      const { kind, metadata, spec } = manifest;
      const label = `${kind} ${metadata.name}`;
      if (kind === 'Service') return [[label, spec.selector]];
      if (kind === 'NetworkPolicy') return [[label, spec.podSelector.matchLabels ?? {}]];
      if (['Deployment', 'StatefulSet', 'PodDisruptionBudget'].includes(kind)) return [[label, spec.selector.matchLabels]];
      return [];
    });
    const idle = selectors.filter(([, wanted]) => !pods.some(({ labels }) => within(wanted, labels)));
    expect(selectors.length).toBeGreaterThan(6);
    expect(idle.map(([label]) => label)).toEqual([]);
  });

  test('names only ports, settings, secrets and targets that are there', () => {
    for (const { kind, spec } of manifests) {
      if (kind === 'Service') {
        const served = pods.filter(({ labels }) => within(spec.selector, labels)).flatMap(({ ports }) => ports);
        for (const { targetPort } of spec.ports) expect(served).toContain(targetPort);
      }
      if (kind === 'HorizontalPodAutoscaler') expect(named(manifests, 'Deployment')).toContain(spec.scaleTargetRef.name);
    }
    for (const { spec, ports } of pods) {
      const [container] = spec.containers;
      for (const { configMapRef, secretRef } of container.envFrom) {
        if (configMapRef) expect(named(manifests, 'ConfigMap')).toContain(configMapRef.name);
        if (secretRef) expect(named(manifests, 'Secret')).toContain(secretRef.name);
      }
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) expect(ports).toContain(container[probe].httpGet.port);
      expect(ports).toContain('metrics');
    }
  });

  test('sets only variables that the process reads', () => {
    for (const { name, spec } of pods) {
      const given = spec.containers[0].envFrom.flatMap(({ configMapRef, secretRef }: Record<string, { name: string } | undefined>) => {
        const source = manifests.find(({ metadata }) => metadata.name === (configMapRef ?? secretRef)?.name);
        return Object.keys(source?.data ?? source?.stringData ?? {});
      });
      expect(given.length).toBeGreaterThan(0);
      const known = overlay === 'small' ? processesRead([name]) : processesRead();
      expect(given.filter((variable: string) => !known.has(variable))).toEqual([]);
    }
  });

  test('runs nobody as root, with limits, a budget for drains and a version in the tag', () => {
    for (const { name, labels, spec } of pods) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      const [container] = spec.containers;
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.image).toMatch(new RegExp(`^flexistream/${name}:\\d+\\.\\d+\\.\\d+$`));
      expect(container.resources.limits.memory).toBeDefined();
      const budgets = manifests.filter((one) => one.kind === 'PodDisruptionBudget' && within(one.spec.selector.matchLabels, labels));
      expect(budgets).toHaveLength(1);
    }
  });

  test('holds no secret', () => {
    const secrets = manifests.filter(({ kind }) => kind === 'Secret');
    expect(secrets).toHaveLength(1);
    for (const { data } of secrets) expect(Object.values(data).join('')).toBe('');
  });

  test('leads the public to the TLS port of the gateway, and gives it time to answer before it is killed', () => {
    const ingress = manifests.find(({ kind }) => kind === 'Ingress');
    expect(ingress?.spec.rules[0].http.paths[0].backend.service).toEqual({ name: 'gateway', port: { name: 'https' } });
    const settings = manifests.find(({ kind }) => kind === 'ConfigMap')?.data;
    const needed = Number(settings.SHUTDOWN_PAUSE_SECONDS) + Number(settings.SHUTDOWN_LIMIT_SECONDS);
    for (const { spec } of pods) expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(needed);
  });
});
