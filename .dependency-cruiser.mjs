/** The dependency rule of design §2: who may import whom. */
const ours = '^(packages|services)/';
const specs = '(\\.spec\\.ts$|/(contract|spec|for-tests)\\.ts$|/spec-support/|-for-specs\\.ts$)';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: { pathNot: '^packages/kernel/src/(claims|handle)\\.ts$' }, to: { circular: true } },
    {
      name: 'kernel-is-pure',
      comment: 'the kernel imports nothing of ours',
      severity: 'error',
      from: { path: '^packages/kernel/' },
      to: { path: ours, pathNot: '^packages/kernel/' },
    },
    {
      name: 'contracts-know-the-kernel-only',
      severity: 'error',
      from: { path: '^packages/contracts/' },
      to: { path: ours, pathNot: '^packages/(contracts|kernel)/' },
    },
    {
      name: 'ports-know-no-services',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^services/' },
    },
    {
      name: 'services-never-import-one-another',
      severity: 'error',
      from: { path: '^services/([^/]+)/', pathNot: '^services/standalone/' },
      to: { path: '^services/([^/]+)/', pathNot: '^services/$1/' },
    },
    {
      name: 'facts-and-deciders-are-pure',
      comment: 'events.ts and a decider import kernel and contracts only',
      severity: 'error',
      from: {
        path: '^services/(accounts|spaces|tokens|statistics)/src/[^/]+/(events|account|space|register|places|call|message|api-key|creation-token|tombstone)\\.ts$',
      },
      to: { path: ours, pathNot: '^(packages/(kernel|contracts)/|services/$1/)' },
    },
    {
      name: 'views-know-the-read-model-port',
      severity: 'error',
      from: { path: '^services/([^/]+)/src/[^/]+/view\\.ts$' },
      to: { path: ours, pathNot: '^(packages/(kernel|contracts|read-models|http)/|services/$1/)' },
    },
    {
      name: 'adapters-are-chosen-at-the-edge',
      comment: 'only main.ts, standalone, service-host and specs choose adapters',
      severity: 'error',
      from: { path: '^services/', pathNot: `(^services/standalone/|/main\\.ts$|${specs})` },
      to: { path: '^packages/[^/]+/src/(embedded|eventstoredb|kafka|mongodb|redis)/' },
    },
    { name: 'no-tests-in-products', severity: 'error', from: { path: ours, pathNot: specs }, to: { path: '\\.spec\\.ts$' } },
    {
      name: 'declared-dependencies-only',
      severity: 'error',
      from: { path: ours },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)node_modules/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js'],
    },
    combinedDependencies: true,
  },
};
