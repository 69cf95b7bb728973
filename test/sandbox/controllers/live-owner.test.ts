import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PODS, REPLICA_SETS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { claim, type Owner } from '../../../sandbox/controllers/claim.ts';
import type { StatefulSet } from '../../../sandbox/controllers/controller-types.ts';
import { adopt } from '../../../sandbox/controllers/stateful-set/adopt.ts';
import { pod, statefulSet } from '../../builders.ts';
import { FakeKube } from '../../fakes/api/kube.ts';

const former = statefulSet({ uid: 'former', replicas: 1 }) as KubeObject & StatefulSet;
const orphan = pod({ statefulSet: former, ordinal: 0, merge: { metadata: { ownerReferences: null } } });
const selector = { matchLabels: orphan.metadata.labels };
const replicaSet = { ...former, kind: 'ReplicaSet', spec: { selector } } as Owner['object'];
const going = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['test/hold'] },
});
const another = (object: KubeObject): KubeObject => ({ ...object, metadata: { ...object.metadata, uid: 'new' } });

describe('an orphan is adopted by an owner', () => {
  for (const [state, now, adopts] of [
    ['that is still there', (owner: KubeObject) => [owner], true],
    ['and not by the copy of one that is gone', () => [], false],
    ['and not by the copy of one that was made anew', (owner: KubeObject) => [another(owner)], false],
    ['and not by the copy of one that is going', (owner: KubeObject) => [going(owner)], false],
  ] as const)
    it(state, async () => {
      const ofSet = new FakeKube([orphan, ...now(former)]);
      assert.equal(await adopt(ofSet, former, [orphan], []), adopts);
      const ofReplicas = new FakeKube([orphan, ...now(replicaSet)]);
      await claim(ofReplicas, { resource: REPLICA_SETS, object: replicaSet }, PODS, [orphan]);
      for (const [kube, owner] of [
        [ofSet, STATEFUL_SETS],
        [ofReplicas, REPLICA_SETS],
      ] as const) {
        const uids = kube.object(PODS, orphan.metadata.name)?.metadata.ownerReferences?.map(({ uid }) => uid) ?? [];
        assert.deepEqual(uids, adopts ? ['former'] : [], owner.kind);
      }
    });
});
