/** The kubectl to compare with. Some installations put a dispatcher on PATH, which starts the real one: that would be measured twice. */
import { spawnSync } from 'node:child_process';
import { readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findKubectl } from '../test/kubectl.ts';

export interface RealKubectl {
  path: string;
  /** As it calls itself. */
  version: string;
}

/** $KUBECTL, else the one on PATH; in place of a dispatcher the newest of the programs beside it. Throws when there is none. */
export function realKubectl(): RealKubectl {
  const found = findKubectl();
  if (found === undefined) throw new Error('kubectl not found: set $KUBECTL');
  const version = versionOf(found);
  if (!version.endsWith('-dispatcher')) return { path: found, version };
  const folder = dirname(realpathSync(found));
  const [newest] = readdirSync(folder)
    .filter((name) => /^kubectl\.\d+\.\d+$/.test(name))
    .sort((a, b) => Number(b.split('.')[2]) - Number(a.split('.')[2]));
  if (newest === undefined)
    throw new Error(`${found} is a dispatcher and the real kubectl is not beside it: set $KUBECTL`);
  const path = join(folder, newest);
  return { path, version: versionOf(path) };
}

function versionOf(path: string): string {
  const { stdout } = spawnSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  return (JSON.parse(stdout) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion;
}
