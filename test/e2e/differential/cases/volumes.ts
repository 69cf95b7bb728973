import { field, list, number, text } from '../../../../lib/core/values/read.ts';
import type { Recorder } from '../recorder.ts';
import { APPS, type Case, CORE, statefulSet } from './case.ts';
import { observed, settled } from './settled.ts';

const CLAIMS = `${CORE}/persistentvolumeclaims`;
const SPEC = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

function withClaims(name: string, policy: object, replicas: number) {
  return statefulSet(name, {
    replicas,
    podManagementPolicy: 'Parallel',
    persistentVolumeClaimRetentionPolicy: policy,
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'nginx', image: 'nginx', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      },
    },
    volumeClaimTemplates: [{ metadata: { name: 'data', labels: { tier: 'db' } }, spec: SPEC }],
  });
}

/** The claims once there are so many. How storage binds them is left out: the real control plane here has none. */
async function claims(api: Recorder, name: string, what: string, count: number): Promise<void> {
  const path = `${CLAIMS}?labelSelector=app%3D${name}`;
  const body = await settled(api, path, (each) => list(each, 'items').length === count);
  const inOrder = list(body, 'items').toSorted((a, b) =>
    (text(a, 'metadata', 'name') ?? '') < (text(b, 'metadata', 'name') ?? '') ? -1 : 1,
  );
  api.note(
    what,
    inOrder.map((claim) => ({
      name: text(claim, 'metadata', 'name'),
      labels: field(claim, 'metadata', 'labels'),
      finalizers: field(claim, 'metadata', 'finalizers'),
      owners: list(claim, 'metadata', 'ownerReferences').map((owner) => ({
        kind: text(owner, 'kind'),
        name: text(owner, 'name'),
        controller: field(owner, 'controller'),
      })),
      accessModes: field(claim, 'spec', 'accessModes'),
      volumeMode: text(claim, 'spec', 'volumeMode'),
    })),
  );
}

const has = (replicas: number) => (set: unknown) =>
  observed(set) &&
  number(set, 'status', 'replicas') === replicas &&
  (number(set, 'status', 'readyReplicas') ?? 0) === replicas;

const RETENTIONS = [
  { whenDeleted: 'Retain', whenScaled: 'Retain' },
  { whenDeleted: 'Delete', whenScaled: 'Retain' },
  { whenDeleted: 'Retain', whenScaled: 'Delete' },
  { whenDeleted: 'Delete', whenScaled: 'Delete' },
];

export const volumes: Case[] = [
  {
    name: 'a StatefulSet with volumeClaimTemplates is taken, patched, and refused where it may not change',
    run: async (api) => {
      const name = 'claims-sts';
      await api.record({ method: 'POST', path: `${APPS}?fieldValidation=Strict`, body: withClaims(name, {}, 0) });
      const path = `${APPS}/${name}`;
      const patch = { spec: { template: { spec: { containers: [{ name: 'nginx', image: 'nginx:2' }] } } } };
      const contentType = 'application/strategic-merge-patch+json';
      await api.record({ method: 'PATCH', path, body: patch, contentType });
      const others = { spec: { volumeClaimTemplates: [{ metadata: { name: 'other' }, spec: SPEC }] } };
      await api.record({ method: 'PATCH', path, body: others, contentType: 'application/merge-patch+json' });
    },
  },
  {
    name: 'a claim is created, shown, refused without what it needs, and protected',
    run: async (api) => {
      const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'claim' }, spec: SPEC };
      await api.record({ method: 'POST', path: `${CLAIMS}?dryRun=All`, body: claim });
      await api.record({ method: 'POST', path: CLAIMS, body: { ...claim, spec: {} } });
    },
  },
  ...RETENTIONS.map((policy, index): Case => {
    const name = `claims-${index}`;
    return {
      name: `claims have the same names and owners with ${JSON.stringify(policy)}`,
      needsPods: true,
      run: async (api) => {
        const contentType = 'application/merge-patch+json';
        await api.ask({ method: 'POST', path: APPS, body: withClaims(name, policy, 2) });
        await settled(api, `${APPS}/${name}`, has(2));
        await claims(api, name, 'two pods', 2);
        await api.ask({ method: 'PATCH', path: `${APPS}/${name}`, body: { spec: { replicas: 1 } }, contentType });
        await settled(api, `${APPS}/${name}`, has(1));
        await claims(api, name, 'scaled in', policy.whenScaled === 'Delete' ? 1 : 2);
        await api.ask({ method: 'DELETE', path: `${APPS}/${name}` });
        const left = policy.whenDeleted === 'Delete' ? 0 : policy.whenScaled === 'Delete' ? 1 : 2;
        await claims(api, name, 'deleted', left);
      },
    };
  }),
];
