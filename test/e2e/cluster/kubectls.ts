/** The kubectls that the suite is held to, and what each of them can do. */
import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { execa } from 'execa';
import { findKubectl } from '../../kubectl.ts';
import { goToolPath } from './tools.ts';

export interface Kubectl {
  path: string;
  /** As it calls itself: `v1.29.15`. */
  version: string;
  /** The 29 of 1.29. */
  minor: number;
}

/** Since when kubectl does what (Kubernetes' changelogs). */
export const SINCE = {
  /** Asks `kubectl_complete-NAME` of a plugin for its completion. */
  pluginCompletion: 26,
  /** Validates by OpenAPI v3 on the server; before, by OpenAPI v2 in protobuf, which the sandbox has not. */
  openApiV3: 29,
  /** Speaks websocket for exec, which is all that the sandbox's kubelet speaks. */
  websocketExec: 30,
} as const;

/** $E2E_KUBECTLS: `all` that `make e2e-kubectl` builds besides the one on PATH, or paths of your own; else the one on PATH, or a built one. */
export async function kubectls(env: Readonly<Record<string, string | undefined>> = process.env): Promise<Kubectl[]> {
  const asked = env['E2E_KUBECTLS'] ?? '';
  const built = (['kubectl-1.29', 'kubectl', 'kubectl-1.37'] as const).map(goToolPath);
  const own = findKubectl() ?? built.find((path) => existsSync(path));
  const found = own === undefined ? [] : [own];
  const paths = asked === 'all' ? [...built, ...found] : asked === '' ? found : asked.split(delimiter);
  return await Promise.all(paths.map(describe));
}

async function describe(path: string): Promise<Kubectl> {
  const { stdout } = await execa(path, ['version', '--client', '-o', 'json']);
  const { clientVersion } = JSON.parse(stdout) as { clientVersion: { gitVersion: string; minor: string } };
  return { path, version: clientVersion.gitVersion, minor: Number.parseInt(clientVersion.minor, 10) };
}
