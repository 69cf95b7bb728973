/**
 * Storage as far as a rehearsal meets it: every claim is bound at once to a volume that no one can mount, and a claim that
 * a pod uses stays until that pod is gone (Kubernetes: the persistent-volume-binder and pvc-protection controllers).
 * A volume can be reached from every node, and goes with its claim.
 */
import { list, text } from '../../lib/core/values/read.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS } from '../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../lib/ports.ts';
import { keyOf, splitKey } from '../common/informer.ts';
import type { Running } from '../common/running.ts';
import { asMap } from '../semantics/json.ts';
import type { ControllerOptions } from './controller-types.ts';
import { type Controller, startController } from './start-controller.ts';
import { tolerate } from './tolerate.ts';

const PROTECTION = 'kubernetes.io/pvc-protection';

const VOLUME_CONTROLLER: Controller<'claims' | 'pods'> = {
  component: 'persistentvolume-controller',
  watches: { claims: PERSISTENT_VOLUME_CLAIMS, pods: PODS },

  keysAfter: (name, object) => (name === 'claims' ? [keyOf(object)] : claimsUsedBy(object)),

  async reconcile(key, { kube, copies }) {
    const { namespace, name } = splitKey(key);
    const claim = copies.claims.get(namespace, name);
    if (claim === undefined) return;
    if (claim.metadata.deletionTimestamp === undefined) return bind(kube, claim);
    const isUsed = copies.pods.list().some((pod) => claimsUsedBy(pod).includes(key));
    if (!isUsed) await release(kube, claim);
  },
};

/** Starts the controller for all namespaces. */
export function startVolumeController(kube: Kube, options: ControllerOptions = {}): Running {
  return startController(kube, VOLUME_CONTROLLER, options);
}

/** The keys of the claims that a pod mounts, running or not. */
function claimsUsedBy(pod: KubeObject): string[] {
  return list(pod, 'spec', 'volumes').flatMap((volume) => {
    const name = text(volume, 'persistentVolumeClaim', 'claimName');
    return name === undefined ? [] : [`${pod.metadata.namespace ?? ''}/${name}`];
  });
}

async function bind(kube: Kube, claim: KubeObject): Promise<void> {
  if (text(claim, 'status', 'phase') === 'Bound') return;
  const { name, namespace = '', uid } = claim.metadata;
  const spec = asMap(claim['spec']);
  const annotations = { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' };
  const volumeName = text(spec, 'volumeName') ?? `pvc-${uid}`;
  const bound = { metadata: { uid, annotations }, spec: { volumeName } };
  const capacity = asMap(asMap(spec['resources'])['requests']);
  const status = { phase: 'Bound', accessModes: spec['accessModes'], capacity };
  const options = { type: 'merge', namespace } as const;
  await tolerate(() => kube.create(PERSISTENT_VOLUMES, volumeOf(claim, volumeName, capacity)));
  await tolerate(async () => {
    await kube.patch(PERSISTENT_VOLUME_CLAIMS, name, bound, options);
    await kube.patch(
      PERSISTENT_VOLUME_CLAIMS,
      name,
      { metadata: { uid }, status },
      { ...options, subresource: 'status' },
    );
  });
}

function volumeOf({ metadata, ...rest }: KubeObject, name: string, capacity: object): KubeObject {
  const spec = asMap(rest['spec']);
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity,
      accessModes: spec['accessModes'],
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: {
        kind: 'PersistentVolumeClaim',
        name: metadata.name,
        namespace: metadata.namespace,
        uid: metadata.uid,
      },
      csi: { driver: 'sandbox', volumeHandle: name },
    },
  };
}

async function release(kube: Kube, claim: KubeObject): Promise<void> {
  const { name, namespace = '', uid, resourceVersion, finalizers = [] } = claim.metadata;
  if (!finalizers.includes(PROTECTION)) return;
  const metadata = { uid, resourceVersion, finalizers: finalizers.filter((each) => each !== PROTECTION) };
  const volume = text(claim, 'spec', 'volumeName');
  if (volume !== undefined) await tolerate(() => kube.delete(PERSISTENT_VOLUMES, volume, { uid: undefined }));
  await tolerate(() => kube.patch(PERSISTENT_VOLUME_CLAIMS, name, { metadata }, { type: 'merge', namespace }));
}
