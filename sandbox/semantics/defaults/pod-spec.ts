import type { JsonMap } from '../json.ts';
import { withContainerDefaults, withFieldRefDefaults } from './default-container.ts';
import { fill, fillEach, fillField } from './fill.ts';

const DEFAULT_MODE = { defaultMode: 0o644 };

/** A pod spec, of a pod or of a template (Kubernetes: SetDefaults_PodSpec, SetDefaults_Volume). */
export function withPodSpecDefaults(spec: JsonMap): JsonMap {
  let filled = fill(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  for (const containers of ['containers', 'initContainers', 'ephemeralContainers']) {
    filled = fillEach(filled, containers, withContainerDefaults);
  }
  if (typeof filled['serviceAccountName'] === 'string') {
    // The deprecated name of the same field; the API keeps both in step.
    filled = { ...filled, serviceAccount: filled['serviceAccountName'] };
  }
  return fillEach(filled, 'volumes', withVolumeDefaults);
}

/** The template of a workload. */
export function withTemplateDefaults(template: JsonMap): JsonMap {
  return fillField(template, 'spec', withPodSpecDefaults);
}

function withVolumeDefaults(volume: JsonMap): JsonMap {
  if (Object.keys(volume).every((key) => key === 'name')) {
    return { ...volume, emptyDir: {} };
  }
  let filled = volume;
  for (const source of ['secret', 'configMap']) {
    filled = fillField(filled, source, (value) => fill(value, DEFAULT_MODE));
  }
  filled = fillField(filled, 'downwardAPI', (value) => withDownwardDefaults(fill(value, DEFAULT_MODE)));
  filled = fillField(filled, 'hostPath', (value) => fill(value, { type: '' }));
  return fillField(filled, 'projected', (value) =>
    fillEach(fill(value, DEFAULT_MODE), 'sources', (source) =>
      fillField(fillField(source, 'downwardAPI', withDownwardDefaults), 'serviceAccountToken', (token) =>
        fill(token, { expirationSeconds: 3600 }),
      ),
    ),
  );
}

function withDownwardDefaults(value: JsonMap): JsonMap {
  return fillEach(value, 'items', (item) => fillField(item, 'fieldRef', withFieldRefDefaults));
}
