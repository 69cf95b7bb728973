/** How many requests each verb sends, on a rehearsal cluster of ten pods with its cloud: one upgrade by hand, and one by `upgrade`. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { startChild } from '../../sandbox/bare/child.ts';
import type { RehearsalCluster } from '../rehearsal-cluster.ts';

export interface Requests {
  verb: string;
  cluster: number;
  cloud: number;
}

/** The sandbox's counts come every second; three of them are the shortest window there is. */
const COUNTING = ['--source', 'clb', '--stable-for', '3s'];

/** In this order, since most of them write; what is set up in between is not counted. */
const VERBS: readonly { words: string; counting?: boolean; counted?: false }[] = [
  { words: 'status nginx --no-cloud' },
  { words: 'status nginx' },
  { words: 'check nginx' },
  { words: 'plan nginx --image nginx=nginx:1.25.4' },
  { words: 'drain nginx 0 --dry-run=client' },
  // The image is set and the first pod drained as an upgrade would.
  { words: 'upgrade nginx --image nginx=nginx:1.25.4 --batch 1 --yes --timeout 2s', counting: true, counted: false },
  { words: 'restore nginx --weights-only', counted: false },
  { words: 'drain nginx 0' },
  { words: 'wait-zero nginx', counting: true },
  { words: 'recreate nginx', counting: true },
  { words: 'verify nginx 0' },
  { words: 'advance nginx' },
  { words: 'restore nginx --weights-only' },
  { words: 'upgrade nginx --batch 9 --min-serving 0 --yes', counting: true },
  { words: 'restore nginx' },
];

/** A verb that is refused counts too: its requests were sent. */
export async function countRequests({ plugin }: { plugin: string }): Promise<Requests[]> {
  const cluster = await startChild<RehearsalCluster>(new URL('../rehearsal-cluster.ts', import.meta.url));
  try {
    const { environment } = await cluster.ask('start', { replicas: 10, readyAfter: '300ms' });
    const counts: Requests[] = [];
    for (const { words, counting = false, counted = true } of VERBS) {
      const requests = await countOne(plugin, words, counting ? COUNTING : [], environment);
      if (counted) counts.push(requests);
    }
    return counts;
  } finally {
    await cluster.stop();
  }
}

async function countOne(
  plugin: string,
  verb: string,
  more: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Requests> {
  const child = spawn(plugin, [...verb.split(' '), ...more, '-v', '6'], {
    env: { ...environment, HOME: '/nonexistent' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines = (await text(child.stderr)).split('\n');
  const cloud = lines.filter((line) => /^v6: (clb|monitor|sts):/.test(line)).length;
  const cluster = lines.filter((line) => /^v6: (GET|POST|PATCH|DELETE) /.test(line)).length;
  return { verb, cluster, cloud };
}
