/** How many requests each verb sends, on a rehearsal cluster of ten pods with its cloud. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { applyManifest, readManifest } from '../sandbox/apply-manifest.ts';
import { awaitSettled } from '../sandbox/await-ready.ts';
import { SAMPLE_MANIFEST } from '../sandbox/sample-manifest.ts';
import { startCluster } from '../sandbox/start-cluster.ts';

export interface Requests {
  verb: string;
  cluster: number;
  cloud: number;
}

const VERBS = [
  'status nginx --no-cloud',
  'status nginx',
  'check nginx',
  'drain nginx 0',
  'drain nginx 0 --dry-run=client',
  'advance nginx --dry-run=client',
  'restore nginx',
];

/** In this order, since some verbs write. A verb that is refused counts too: its requests were sent. */
export async function countRequests({ plugin }: { plugin: string }): Promise<Requests[]> {
  const sandbox = await startCluster();
  try {
    await applyManifest(sandbox.kube, await readManifest(SAMPLE_MANIFEST, 'the sample'));
    await awaitSettled(sandbox.kube, new AbortController().signal);
    const counted: Requests[] = [];
    for (const verb of VERBS) {
      const child = spawn(plugin, [...verb.split(' '), '-v', '6'], {
        env: { ...sandbox.environment, HOME: '/nonexistent' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const lines = (await text(child.stderr)).split('\n');
      const cloud = lines.filter((line) => /^v6: (clb|monitor|sts):/.test(line)).length;
      const cluster = lines.filter((line) => /^v6: (GET|POST|PATCH|DELETE) /.test(line)).length;
      counted.push({ verb, cluster, cloud });
    }
    return counted;
  } finally {
    await sandbox.stop();
  }
}
