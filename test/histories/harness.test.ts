/** Parts of the harness in which a mistake would let a campaign pass, or hide what it found. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { briefly } from './campaign/timeline.ts';
import { decisionsIn, forbidsAll, rulesIn } from './invariants/decisions.ts';
import { hintsIn } from './invariants/said.ts';
import { runScript, stepsOf } from './people/plan-script.ts';

const REFUSED = [
  'context histories, namespace default',
  'error: refused by a safety rule, nothing was written',
  'floor: service/nginx TCP/80: only 2 backends would keep serving, the floor is 3',
  'at-zero: nginx-0 has 3 connections',
  'to go on: the same command again',
].join('\n');

describe('a refusal at the end of a history', () => {
  it('leaves it to a person only by a rule of the closed list', () => {
    assert.deepEqual(rulesIn(REFUSED).slice(0, 2), ['floor', 'at-zero']);
    assert.deepEqual(decisionsIn(REFUSED), ['floor']);
    assert.deepEqual(decisionsIn(REFUSED.replace('floor:', 'countable:')), []);
    assert.deepEqual(decisionsIn(REFUSED.replace('floor:', 'node-cordoned:')), ['node-cordoned']);
  });

  it('may be a budget that allows no eviction, and only where it never will', () => {
    const waited =
      "error: pod/nginx-0 may not be evicted yet: Cannot evict pod as it would violate the pod's disruption budget.";
    assert.equal(forbidsAll(waited, 0), true);
    assert.equal(forbidsAll(waited, 1), false);
  });

  it('is a refusal, and no other error that names a floor', () => {
    assert.deepEqual(decisionsIn('error: not ready yet\nfloor: service/nginx'), []);
  });
});

const SCRIPT = `#!/usr/bin/env bash
# Upgrades statefulset/nginx in namespace default, 2 batches.
set -euo pipefail

kubectl set image statefulset/nginx 'nginx=nginx:1.25.4' -n default   # look: kubectl get pods
kubectl zeroloss drain nginx 0 -n default   # look: kubectl zeroloss status nginx
while true; do
  kubectl zeroloss recreate nginx -n default   # look: pods
  kubectl zeroloss advance nginx -n default || { code=$?; [ "$code" -eq 3 ] && break; exit "$code"; }   # look: status
done
kubectl zeroloss restore nginx -n default   # look: status
`;

describe('a script of plan -o sh', () => {
  it('is run line by line, its loop until the code that ends it', async () => {
    const typed: string[] = [];
    let rounds = 0;
    const code = await runScript(stepsOf(SCRIPT), {
      async type(...words) {
        typed.push(words.slice(0, 2).join(' '));
        if (words[0] !== 'advance') return 0;
        rounds += 1;
        return rounds === 2 ? 3 : 0;
      },
      async kubectl(...words) {
        typed.push(words.slice(0, 2).join(' '));
        return 0;
      },
    });
    assert.equal(code, 0);
    assert.deepEqual(typed, [
      ...['set image', 'drain nginx', 'recreate nginx', 'advance nginx', 'recreate nginx', 'advance nginx'],
      'restore nginx',
    ]);
  });

  it('stops at the first step that fails, with its code', async () => {
    const typed: string[] = [];
    const type = async (verb = '') => {
      typed.push(verb);
      return verb === 'recreate' ? 6 : 0;
    };
    assert.equal(await runScript(stepsOf(SCRIPT), { type, kubectl: async () => 0 }), 6);
    assert.deepEqual(typed, ['drain', 'recreate']);
  });

  it('has no line that the harness would pass over', () => {
    assert.throws(() => stepsOf('sleep 5'), /no command: sleep 5/);
  });
});

describe('a hint', () => {
  it('is read with the times and images in its words, and without the sentence around it', () => {
    const text =
      'to go on: kubectl zeroloss surge nginx 1 --restarted-at 2026-01-05T08:07:10Z; or kubectl zeroloss status: now';
    assert.deepEqual(hintsIn(text), ['surge nginx 1 --restarted-at 2026-01-05T08:07:10Z', 'status']);
  });
});

describe('the timeline of a failure', () => {
  it('ends at the first violation, and counts what is typed again to the same end', () => {
    const timeline = [
      '3 pods; job: upgrade',
      '     1m00s  alice types upgrade nginx',
      "     2m00s  alice's upgrade ends with 6: error: not ready yet",
      '     2m20s  alice types upgrade nginx',
      "     3m20s  alice's upgrade ends with 6: error: not ready yet",
      '     3m40s  bob types resume nginx',
      "     3m40s  bob's resume ends with 0",
      '     4m00s  * killed at call 7, upgrade: GET pods',
      '     4m00s  ! 1 (no pod goes): nginx-0 goes',
      '     5m00s  ! 5 (the same command): goes round',
    ];
    assert.deepEqual(briefly(timeline), [
      ...timeline.slice(0, 3),
      '          … and 1 times more',
      timeline[7],
      timeline[8],
    ]);
  });
});
