import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../../../lib/ports/resources.ts';
import { checked, found } from '../check/cases.ts';
import { common, rehearse } from '../rehearsal/rehearsal.ts';

const claiming = (old: boolean, policy: object = {}) => {
  const volumeClaimTemplates = [{ metadata: { name: 'data' } }];
  const rehearsal = rehearse({
    replicas: 2,
    settled: true,
    set: { merge: { spec: { volumeClaimTemplates, ...policy } } },
  });
  if (old)
    rehearsal.kube.put({ apiVersion: 'v1', kind: PERSISTENT_VOLUME_CLAIMS.kind, metadata: { name: 'data-nginx-2' } });
  return rehearsal;
};
const surplusOf = { ...common, count: 1, dark: false };

describe('a surplus pod of a StatefulSet that claims volumes', () => {
  it('claims one of its own, which stays behind, and surge shows it', async () => {
    const rehearsal = claiming(false);
    await surge(rehearsal.world, surplusOf);
    assert.match(rehearsal.report.text, /claims volumes: data-nginx-2; they stay behind /);
  });
  it('or finds an old one with stale data: check warns, plan and surge say so', async () => {
    const stale = /data-nginx-2 is there already, with the data of an earlier pod/;
    const rehearsal = claiming(true);
    assert.match(found((await checked(rehearsal)).findings, 'surplus-volumes', 'WARN')?.message ?? '', stale);
    const wish = {
      ...common,
      images: { nginx: 'n:2' },
      batch: 1,
      surge: 1,
      soakMs: 0,
      countingWords: [],
      stableForMs: 1000,
    };
    await plan(rehearsal.world, wish);
    assert.match(rehearsal.report.text, stale);
  });
  it('claims its own within milliseconds of the write, and surge does not call that one old', async () => {
    const { world, kube, report } = claiming(false);
    const patch = kube.patch.bind(kube);
    kube.patch = async (...call) => {
      const after = await patch(...call);
      if ((call[2] as { spec?: { replicas?: number } }).spec?.replicas === 3)
        kube.put({ apiVersion: 'v1', kind: PERSISTENT_VOLUME_CLAIMS.kind, metadata: { name: 'data-nginx-2' } });
      return after;
    };
    await surge(world, surplusOf);
    assert.match(report.text, /claims volumes: data-nginx-2; they stay behind /);
    assert.doesNotMatch(report.text, /earlier pod/);
  });
  it('or takes it along when it goes', async () => {
    const rehearsal = claiming(false, { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } });
    await surge(rehearsal.world, surplusOf);
    assert.match(rehearsal.report.text, /deleted when the surplus is scaled away/);
  });
});
