/** The Go programs that the end-to-end tests run: what they are built from, and where the built ones lie. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** The version by which the control plane and its kubectl go; the modules are of this release. */
const KUBERNETES = 'v1.34.4';
const STAMP = 'k8s.io/component-base/version';

export interface GoTool {
  /** Folder of the Go module, relative to the project. */
  module: string;
  package: string;
  ldflags: string;
}

const flagsOf = (version: string): string => {
  const [major, minor] = version.slice(1).split('.');
  return [
    '-s -w',
    `-X ${STAMP}.gitVersion=${version}`,
    `-X ${STAMP}.gitMajor=${major}`,
    `-X ${STAMP}.gitMinor=${minor}`,
    `-X ${STAMP}.gitTreeState=clean`,
  ].join(' ');
};
const kubernetesFlags = flagsOf(KUBERNETES);

export const GO_TOOLS = {
  controlplane: { module: 'test/controlplane', package: '.', ldflags: kubernetesFlags },
  kubectl: { module: 'test/controlplane', package: './kubectl', ldflags: kubernetesFlags },
  // The oldest whose exec and apply the sandbox serves, and the newest there is.
  'kubectl-1.29': { module: 'test/tools/kubectl-1.29', package: '.', ldflags: flagsOf('v1.29.15') },
  'kubectl-1.37': { module: 'test/tools/kubectl-1.37', package: '.', ldflags: flagsOf('v1.37.2') },
  krew: {
    module: 'test/tools',
    package: 'sigs.k8s.io/krew/cmd/krew',
    ldflags: '-s -w -X sigs.k8s.io/krew/internal/version.gitTag=v0.5.0',
  },
  'validate-krew-manifest': {
    module: 'test/tools',
    package: 'sigs.k8s.io/krew/cmd/validate-krew-manifest',
    ldflags: '-s -w',
  },
  // A judge of the sandbox's experiments, not of the suite. Not the newest, whose module grol.io/grol the proxy refused.
  fortio: { module: 'test/tools/fortio', package: 'fortio.org/fortio', ldflags: '-s -w' },
} as const satisfies Record<string, GoTool>;

export type GoToolName = keyof typeof GO_TOOLS;

/** Absolute path of the built program, under a name that changes with the module's files and the flags. */
export function goToolPath(name: GoToolName): string {
  return join(ROOT, '.cache', GO_TOOLS[name].module.split('/').at(-1) ?? '', keyOf(GO_TOOLS[name].module), name);
}

/** Absolute path of a tool's module. */
export const goModulePath = (name: GoToolName): string => join(ROOT, GO_TOOLS[name].module);

/** One key for all programs of a module, so that what belongs together is kept and removed together. */
function keyOf(module: string): string {
  const recipes = Object.values(GO_TOOLS).filter((tool) => tool.module === module);
  const hash = createHash('sha256').update(JSON.stringify(recipes));
  const folder = join(ROOT, module);
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const inner = all.filter((file) => file.endsWith('/go.mod')).map((file) => `${dirname(file)}/`);
  const files = all.filter(
    (file) => /\.go$|(^|\/)go\.(mod|sum)$/.test(file) && !inner.some((module) => file.startsWith(module)),
  );
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 16);
}
