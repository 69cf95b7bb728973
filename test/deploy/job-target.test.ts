import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JobWish } from '../../lib/core/job/job-manifest.ts';
import { list } from '../../lib/core/values/read.ts';
import { plan } from '../../lib/flows/verbs/plan.ts';
import { rehearse, upgradeIntent } from '../flows/rehearsal/rehearsal.ts';

const wish: JobWish = {
  engine: 'job',
  image: 'zeroloss:v1',
  credentials: { kind: 'secret', name: 'key' },
  words: [],
};

/** `pods/exec`: each resource that the Role of a planned Job names, with its verbs. */
async function granted(more: Partial<JobWish>, sources?: readonly string[]): Promise<string[]> {
  const intent = upgradeIntent({ images: { nginx: 'nginx:2' }, ...(sources && { sources }) });
  const { details } = await plan(rehearse({ replicas: 2 }).world, {
    ...intent,
    countingWords: [],
    job: { ...wish, ...more },
  });
  const role = details.manifest?.find(({ kind }) => kind === 'Role');
  return list(role, 'rules').flatMap((rule) => list(rule, 'resources').map(String));
}

describe('the Role of a planned Job', () => {
  it('may exec where connections are counted in the pod, by name or by default, and nowhere else', async () => {
    assert.ok((await granted({})).includes('pods/exec'));
    assert.ok((await granted({}, ['clb', 'pod'])).includes('pods/exec'));
    assert.ok(!(await granted({}, ['clb'])).includes('pods/exec'));
  });

  it('reads a metric of the pods only where one is given, and its source counts', async () => {
    assert.ok(!(await granted({})).includes('pods/proxy'));
    assert.ok((await granted({ metrics: { port: 9090 } })).includes('pods/proxy'));
    assert.ok(!(await granted({ metrics: { port: 9090 } }, ['clb'])).includes('pods/proxy'));
  });

  it('adds a container to a pod, or asks for evictions, only where the flags ask for it', async () => {
    const without = await granted({});
    assert.ok(!without.includes('pods/ephemeralcontainers') && !without.includes('pods/eviction'));
    assert.ok((await granted({ debugContainers: true })).includes('pods/ephemeralcontainers'));
    assert.ok((await granted({ evict: true })).includes('pods/eviction'));
  });
});
