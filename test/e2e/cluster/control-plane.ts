/** Runs the program of test/controlplane as a child, for as long as a test needs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Running } from '../../../sandbox/common/running.ts';
import { goToolPath } from './tools.ts';

export interface ControlPlane extends Running {
  kubeconfigFile: string;
  url: string;
  /** SIGTERM to kube-apiserver alone, and a new one at the same address; resolves when that one is ready. */
  restartApiServer(): Promise<void>;
}

/** $E2E_CONTROL_PLANE: `newest` for the newest Kubernetes that can be built; else the version that TKE offers. */
function chosen(
  env: Readonly<Record<string, string | undefined>> = process.env,
): 'controlplane' | 'controlplane-newest' {
  const asked = env['E2E_CONTROL_PLANE'] ?? '';
  if (asked !== '' && asked !== 'newest') throw new Error(`E2E_CONTROL_PLANE=${asked}: newest is accepted, or nothing`);
  return asked === 'newest' ? 'controlplane-newest' : 'controlplane';
}

/** Resolves when the API server is ready and the controllers work. Throws with the program's own words. */
export async function startControlPlane(stateDir: string): Promise<ControlPlane> {
  const name = chosen();
  const program = goToolPath(name);
  await access(program).catch(() => {
    throw new Error(
      `${program} is missing: build it with \`${name === 'controlplane' ? 'make test-tools' : 'make newest-tools'}\``,
    );
  });
  const child = spawn(program, ['--dir', stateDir], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr.pipe(createWriteStream(join(stateDir, 'controlplane.log'), { mode: 0o600 }));
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout });
  /** The program says the path of the kubeconfig each time the API server is ready. */
  const ready = async (): Promise<string> => {
    const line = await Promise.race([once(lines, 'line'), ended.then(() => undefined)]);
    if (line === undefined) throw new Error(`the control plane ended:\n${await lastWords(stateDir)}`);
    return String(line[0]);
  };
  const kubeconfigFile = await ready();
  const config = await readFile(kubeconfigFile, 'utf8');
  return {
    kubeconfigFile,
    url: /server: (\S+)/.exec(config)?.[1] ?? '',
    restartApiServer: async () => {
      const again = ready();
      child.kill('SIGHUP');
      await again;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function lastWords(stateDir: string): Promise<string> {
  const logs = ['controlplane.log', 'kube-apiserver.log', 'kube-controller-manager.log'];
  const texts = await Promise.all(logs.map((name) => readFile(join(stateDir, name), 'utf8').catch(() => '')));
  return texts.map((log, index) => `--- ${logs[index]}\n${log.split('\n').slice(-20).join('\n')}`).join('\n');
}
