/** The Go programs that the end-to-end tests run: what they are built from, and where the built ones lie. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ModuleLinks } from '../../../scripts/build/module-links.ts';

const ROOT = join(import.meta.dirname, '../../..');

const STAMP = 'k8s.io/component-base/version';

export interface GoTool {
  /** Folder of the Go module, relative to the project. */
  module: string;
  /** The module's file without its ending, where it is another than `go`. Its own folder of the cache has the same name. */
  modfile?: string;
  package: string;
  /** Which requirement of the module says what the program calls itself. None: it is not of Kubernetes' releases. */
  releaseOf?: 'k8s.io/kubernetes' | 'k8s.io/kubectl';
  ldflags?: string;
  /** Links of a module's repository that its zip leaves out. */
  linked?: ModuleLinks;
}

export const GO_TOOLS = {
  controlplane: { module: 'test/controlplane', package: '.', releaseOf: 'k8s.io/kubernetes' },
  kubectl: { module: 'test/controlplane', package: './kubectl', releaseOf: 'k8s.io/kubernetes' },
  // The newest release that Go 1.26 builds: 1.38 asks for Go 1.27.
  'controlplane-newest': {
    module: 'test/controlplane',
    modfile: 'newest',
    package: '.',
    releaseOf: 'k8s.io/kubernetes',
  },
  // The oldest whose exec and apply the sandbox serves, and the newest there is.
  'kubectl-1.29': { module: 'test/tools/kubectl-1.29', package: '.', releaseOf: 'k8s.io/kubectl' },
  'kubectl-1.37': { module: 'test/tools/kubectl-1.37', package: '.', releaseOf: 'k8s.io/kubectl' },
  krew: {
    module: 'test/tools',
    package: 'sigs.k8s.io/krew/cmd/krew',
    ldflags: '-X sigs.k8s.io/krew/internal/version.gitTag=v0.5.0',
  },
  'validate-krew-manifest': {
    module: 'test/tools',
    package: 'sigs.k8s.io/krew/cmd/validate-krew-manifest',
  },
  'argo-lint': { module: 'test/tools/argo-lint', package: '.' },
  'workflow-controller': {
    module: 'test/tools/argo',
    package: 'github.com/argoproj/argo-workflows/v4/cmd/workflow-controller',
  },
  argoexec: {
    module: 'test/tools/argo',
    package: 'github.com/argoproj/argo-workflows/v4/cmd/argoexec',
    linked: {
      module: 'github.com/argoproj/argo-workflows/v4',
      links: {
        'workflow/executor/osspecific/signal_linux.go': 'workflow/executor/osspecific/signal_darwin.go',
      },
    },
  },
  // A judge of the sandbox's experiments, not of the suite. Not the newest, whose module grol.io/grol the proxy refused.
  fortio: { module: 'test/tools/fortio', package: 'fortio.org/fortio' },
} as const satisfies Record<string, GoTool>;

export type GoToolName = keyof typeof GO_TOOLS;

const toolOf = (name: GoToolName): GoTool => GO_TOOLS[name];

/** Absolute path of the built program, under a name that changes with the module's files, the flags and Go's version. */
export function goToolPath(name: GoToolName): string {
  const tool = toolOf(name);
  return join(ROOT, '.cache', tool.modfile ?? tool.module.split('/').at(-1) ?? '', keyOf(tool), name);
}

/** Absolute path of a tool's module. */
export const goModulePath = (name: GoToolName): string => join(ROOT, GO_TOOLS[name].module);

/** `v1.34.4`: the release of Kubernetes that a tool is built from, as its module requires it. Throws for a tool of no release. */
export function kubernetesRelease(name: GoToolName): string {
  const { releaseOf } = toolOf(name);
  if (releaseOf === undefined) throw new Error(`${name} is of no release of Kubernetes`);
  const [, required] = new RegExp(`${releaseOf} (v\\S+)`).exec(readFileSync(modfileOf(toolOf(name)), 'utf8')) ?? [];
  if (required === undefined) throw new Error(`the module of ${name} requires no ${releaseOf}`);
  // The staging modules count v0.34.4 where Kubernetes counts v1.34.4.
  return required.replace(/^v0\./, 'v1.');
}

/** The oldest Go that builds a tool, as its module names it: `[1, 26]`. Throws for a module that names none. */
export function oldestGo(name: GoToolName): readonly [major: number, minor: number] {
  const [, major, minor] = /^go (\d+)\.(\d+)/m.exec(readFileSync(modfileOf(toolOf(name)), 'utf8')) ?? [];
  if (major === undefined || minor === undefined) throw new Error(`the module of ${name} names no Go`);
  return [Number(major), Number(minor)];
}

/** The flags of `go build` besides the package and the output. */
export function goBuildFlags(name: GoToolName): string[] {
  const { modfile, releaseOf, ldflags } = toolOf(name);
  const stamp = releaseOf === undefined ? [] : stampOf(kubernetesRelease(name));
  return [
    ...(modfile === undefined ? [] : [`-modfile=${modfile}.mod`]),
    '-ldflags',
    ['-s -w', ...stamp, ...(ldflags === undefined ? [] : [ldflags])].join(' '),
  ];
}

function stampOf(release: string): string[] {
  const [major, minor] = release.slice(1).split('.');
  return [
    `-X ${STAMP}.gitVersion=${release}`,
    `-X ${STAMP}.gitMajor=${major}`,
    `-X ${STAMP}.gitMinor=${minor}`,
    `-X ${STAMP}.gitTreeState=clean`,
  ];
}

const modfileOf = ({ module, modfile = 'go' }: GoTool): string => join(ROOT, module, `${modfile}.mod`);

/** `go1.26.8`, or undefined where no Go is on PATH. The answer is kept: it is a part of every key. */
export function goVersion(): string | undefined {
  knownGoVersion ??= spawnSync('go', ['env', 'GOVERSION'], {
    encoding: 'utf8',
    env: { ...process.env, GOTOOLCHAIN: 'local' },
  }).stdout?.trim();
  return knownGoVersion;
}
let knownGoVersion: string | undefined;

/** One key for all programs of a module file, so that what belongs together is kept and removed together. */
function keyOf({ module, modfile = 'go' }: GoTool): string {
  const recipes = Object.values(GO_TOOLS).filter(
    (tool: GoTool) => tool.module === module && (tool.modfile ?? 'go') === modfile,
  );
  const hash = createHash('sha256').update(JSON.stringify([goVersion() ?? '', recipes]));
  const folder = join(ROOT, module);
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const inner = all.filter((file) => file.endsWith('/go.mod')).map((file) => `${dirname(file)}/`);
  const isOfModule = (file: string): boolean => !inner.some((each) => file.startsWith(each));
  const files = all.filter(
    (file) => isOfModule(file) && (file.endsWith('.go') || file === `${modfile}.mod` || file === `${modfile}.sum`),
  );
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 16);
}
