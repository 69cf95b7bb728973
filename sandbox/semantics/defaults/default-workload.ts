import { asMap, type JsonMap } from '../json.ts';
import { fill, fillEach, fillField } from './fill.ts';
import { withTemplateDefaults } from './pod-spec.ts';

/** Kubernetes: SetDefaults_StatefulSet of apps/v1. */
export function withStatefulSetDefaults(object: JsonMap): JsonMap {
  return fillField(object, 'spec', (spec) => {
    const complete = fill(fillField(spec, 'template', withTemplateDefaults), {
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: {},
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: {},
    });
    return fillEach(
      {
        ...complete,
        updateStrategy: withUpdateStrategyDefaults(asMap(complete['updateStrategy'])),
        persistentVolumeClaimRetentionPolicy: fill(complete['persistentVolumeClaimRetentionPolicy'], {
          whenDeleted: 'Retain',
          whenScaled: 'Retain',
        }),
      },
      'volumeClaimTemplates',
      withClaimTemplateDefaults,
    );
  });
}

function withUpdateStrategyDefaults(strategy: JsonMap): JsonMap {
  const filled = fill(strategy, { type: 'RollingUpdate' });
  return filled['type'] === 'RollingUpdate'
    ? { ...filled, rollingUpdate: fill(filled['rollingUpdate'], { partition: 0 }) }
    : filled;
}

/** Kubernetes: SetDefaults_PersistentVolumeClaim. */
export function withClaimDefaults(claim: JsonMap): JsonMap {
  return fillField(claim, 'spec', (spec) => fill(spec, { volumeMode: 'Filesystem' }));
}

/** A claim inside a StatefulSet is a whole object. */
const withClaimTemplateDefaults = (claim: JsonMap): JsonMap =>
  fill(withClaimDefaults(claim), { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Pending' } });

/** Kubernetes: SetDefaults_ReplicaSet of apps/v1. */
export function withReplicaSetDefaults(object: JsonMap): JsonMap {
  return fillField(object, 'spec', (spec) => fill(fillField(spec, 'template', withTemplateDefaults), { replicas: 1 }));
}

/** Kubernetes: SetDefaults_Deployment of apps/v1. */
export function withDeploymentDefaults(object: JsonMap): JsonMap {
  return fillField(object, 'spec', (spec) => {
    const complete = fill(fillField(spec, 'template', withTemplateDefaults), {
      replicas: 1,
      strategy: {},
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    });
    const strategy = fill(complete['strategy'], { type: 'RollingUpdate' });
    return {
      ...complete,
      strategy:
        strategy['type'] === 'RollingUpdate'
          ? { ...strategy, rollingUpdate: fill(strategy['rollingUpdate'], { maxUnavailable: '25%', maxSurge: '25%' }) }
          : strategy,
    };
  });
}
