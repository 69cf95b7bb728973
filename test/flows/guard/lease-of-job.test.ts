import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jobHolder, jobPlace } from '../../../cmd/surroundings/job-place.ts';
import { operatorName } from '../../../cmd/surroundings/operator.ts';
import { ConflictError, NotYetError } from '../../../lib/core/errors.ts';
import { text } from '../../../lib/core/values/read.ts';
import { withLease } from '../../../lib/flows/guard/lease.ts';
import { LEASES } from '../../../lib/ports/resources.ts';
import { rehearse } from '../rehearsal/rehearsal.ts';

const NAME = 'kubectl-zeroloss-nginx';
const intent = { name: 'nginx', dryRun: 'none' as const };
const pod = (podUid: string, jobUid = 'job-1') => jobHolder({ job: 'web', jobUid, pod: `web-${podUid}`, podUid });

/** A lease that `identity` renewed for the last time `agoMs` before now. */
function held(identity: string, agoMs: number) {
  const rehearsal = rehearse();
  const { clock, kube } = rehearsal;
  const renewTime = () => new Date(clock.now() - agoMs).toISOString().replace('Z', '000Z');
  kube.put({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: NAME },
    spec: { holderIdentity: identity, leaseDurationSeconds: 60, acquireTime: renewTime(), renewTime: renewTime() },
  });
  const holder = () => text(kube.object(LEASES, NAME), 'spec', 'holderIdentity');
  return { ...rehearsal, holder, renewTime };
}

describe('the lease of a Job', () => {
  it('is taken over by a later pod of the same Job, once it has run out and not before', async () => {
    const { world, clock, holder } = held(pod('a').identity, 10_000);
    const beganMs = clock.now();
    await withLease({ ...world, leaseHolder: pod('b') }, intent, 'upgrade', async () => {
      assert.equal(holder(), 'job/web/web-b#job-1/b');
      assert.ok(clock.now() - beganMs > 50_000, 'the pod before may still be writing');
    });
    assert.equal(holder(), undefined);
  });

  it('is taken at once where the pod before gave it back', async () => {
    const { world, clock } = rehearse();
    const beganMs = clock.now();
    for (const uid of ['a', 'b'])
      await withLease({ ...world, leaseHolder: pod(uid) }, intent, 'upgrade', async () => undefined);
    assert.equal(clock.now(), beganMs);
  });

  it('is waited for, and never taken, while the pod before renews it: not yet', async () => {
    const { world, kube, clock, holder, renewTime } = held(pod('a').identity, 0);
    for (let atMs = 20_000; atMs < 400_000; atMs += 20_000)
      clock.at(atMs, () => {
        kube.edit(LEASES, NAME, (lease) => {
          lease['spec'] = { ...(lease['spec'] as object), renewTime: renewTime() };
        });
      });
    const work = withLease({ ...world, leaseHolder: pod('b') }, intent, 'upgrade', () => assert.fail('it ran'));
    await assert.rejects(
      work,
      (error: unknown) => error instanceof NotYetError && /job\/web\/web-a, a pod of the same Job/.test(error.message),
    );
    assert.equal(holder(), pod('a').identity);
  });

  for (const [who, identity] of [
    ['another Job', pod('a', 'job-2').identity],
    ['a person', 'ada@desk/7#boot-1'],
  ] as const)
    it(`of ${who} is not taken over, however long it has run out`, async () => {
      const { world, holder } = held(identity, 3_600_000);
      const work = withLease({ ...world, leaseHolder: pod('b') }, intent, 'upgrade', () => assert.fail('it ran'));
      await assert.rejects(
        work,
        (error: unknown) => error instanceof ConflictError && error.hint?.includes('--take-over'),
      );
      assert.equal(holder(), identity);
    });

  it('names the Job by what the manifest hands over from the pod’s labels, and by all of it or not at all', () => {
    const env = { ZEROLOSS_JOB: 'web', ZEROLOSS_JOB_UID: 'job-1', ZEROLOSS_POD: 'web-a', ZEROLOSS_POD_UID: 'a' };
    const place = jobPlace(env) ?? assert.fail();
    assert.equal(jobHolder(place).identity, pod('a').identity);
    assert.equal(operatorName(env), 'job/web');
    for (const name of Object.keys(env)) assert.equal(jobPlace({ ...env, [name]: '' }), undefined, name);
  });
});
