import { asText, type JsonMap } from '../json.ts';
import { fill, fillEach, fillField } from './fill.ts';

/** A container as in a pod or a template (Kubernetes: SetDefaults_Container, SetDefaults_Probe, SetDefaults_HTTPGetAction). */
export function withContainerDefaults(container: JsonMap): JsonMap {
  let filled = fill(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicy(asText(container['image'])),
  });
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    filled = fillField(filled, probe, withProbeDefaults);
  }
  filled = fillField(filled, 'lifecycle', (lifecycle) =>
    fillField(fillField(lifecycle, 'postStart', withHandlerDefaults), 'preStop', withHandlerDefaults),
  );
  filled = fillEach(filled, 'ports', (port) => fill(port, { protocol: 'TCP' }));
  return fillEach(filled, 'env', (entry) =>
    fillField(entry, 'valueFrom', (source) => fillField(source, 'fieldRef', withFieldRefDefaults)),
  );
}

export function withFieldRefDefaults(reference: JsonMap): JsonMap {
  return fill(reference, { apiVersion: 'v1' });
}

function withProbeDefaults(probe: JsonMap): JsonMap {
  return fill(
    fillField(withHandlerDefaults(probe), 'grpc', (grpc) => fill(grpc, { service: '' })),
    {
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    },
  );
}

function withHandlerDefaults(handler: JsonMap): JsonMap {
  return fillField(handler, 'httpGet', (get) => fill(get, { path: '/', scheme: 'HTTP' }));
}

/** An image that can change under its name is pulled every time: tag `latest`, or no tag and no digest. */
function pullPolicy(image: string): string {
  if (image.includes('@')) {
    return 'IfNotPresent';
  }
  const lastPart = image.slice(image.lastIndexOf('/') + 1);
  const tag = lastPart.includes(':') ? lastPart.slice(lastPart.indexOf(':') + 1) : 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}
