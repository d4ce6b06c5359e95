import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';

const root = join(import.meta.dirname, '..', '..');

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  // biome-ignore lint/suspicious/noExplicitAny: its shape is what the schema says, and the schema is checked first
  readonly [part: string]: any;
}

export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

/** What `kubectl kustomize` makes of an overlay. */
export const rendered = (overlay: string): readonly Manifest[] => {
  const folder = join(root, 'deploy', 'kubernetes', 'overlays', overlay);
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
};

/** The module of kubernetes-models that describes a kind: apps/v1/Deployment, v1/Service. */
const moduleOf = ({ apiVersion, kind }: Manifest): string => `kubernetes-models/${apiVersion}/${kind}`;

/**
 * What the schemas of Kubernetes object to: values by their validators; fields that do not exist by the compiler, for which the same
 * package has the types, since an API server drops such a field without a word.
 */
export const objectionsTo = async (manifests: readonly Manifest[]): Promise<readonly string[]> => {
  const objections: string[] = [];
  for (const manifest of manifests) {
    const models = (await import(moduleOf(manifest))) as Record<string, new (data: unknown) => { validate(): void }>;
    const Model = models[manifest.kind];
    if (Model === undefined) throw new Error(`${moduleOf(manifest)} has no ${manifest.kind}`);
    try {
      new Model(manifest).validate();
    } catch (error) {
      objections.push(`${manifest.kind} ${manifest.metadata.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return [...objections, ...unknownFields(manifests)];
};

const unknownFields = (manifests: readonly Manifest[]): readonly string[] => {
  const kinds = [...new Map(manifests.map((manifest) => [moduleOf(manifest), manifest.kind]))];
  const source = [
    ...kinds.map(([module, kind]) => `import type { I${kind} } from '${module}';`),
    ...manifests.map((manifest, index) => `export const m${index}: I${manifest.kind} = ${JSON.stringify(manifest)};`),
  ].join('\n');
  const file = join(root, 'tests', 'deploy', 'rendered-manifests.ts'); // in memory only; there it finds the package
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    lib: ['lib.es2022.d.ts'],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, language) => (name === file ? ts.createSourceFile(name, source, language) : getSourceFile(name, language));
  const program = ts.createProgram([file], options, host);
  return [...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics(), ...program.getGlobalDiagnostics()].map(
    ({ messageText, start, file: where }) => {
      const line = where === undefined || start === undefined ? -1 : where.getLineAndCharacterOfPosition(start).line - kinds.length;
      const manifest = manifests[line];
      return `${manifest ? `${manifest.kind} ${manifest.metadata.name}` : 'types'}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    },
  );
};
