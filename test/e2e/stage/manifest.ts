/** The guide's StatefulSet and Service, with what a test needs changed. */

import { SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject, Resource } from '../../../lib/ports.ts';
import { readManifest } from '../../../sandbox/start/apply-manifest.ts';
import { SAMPLE_MANIFEST } from '../../../sandbox/start/sample-manifest.ts';

export interface ManifestOptions {
  /** 3 by default. */
  replicas?: number;
  /** Ports of the Service besides 80; all of them lead to the pods' port 80. */
  morePorts?: readonly number[];
  /** A second Service of its own load balancer, with this name and port. */
  second?: { name: string; port: number };
  /** Annotations on the pod template: how the sandbox's pods behave. */
  behaviour?: Readonly<Record<string, string>>;
  /** Changes either object before it is created; returning undefined leaves it out. */
  edit?: (object: KubeObject) => KubeObject | undefined;
}

/** Objects in the order in which they are created: the Service first, as the guide has it. */
export async function guideObjects(options: ManifestOptions): Promise<{ resource: Resource; object: KubeObject }[]> {
  const objects = await readManifest(SAMPLE_MANIFEST, 'the sample');
  const set = objects.find((each) => each.kind === 'StatefulSet') as KubeObject;
  const service = objects.find((each) => each.kind === 'Service') as KubeObject;
  const spec = set['spec'] as {
    replicas: number;
    template: { metadata: { annotations: Record<string, string> }; spec: Record<string, unknown> };
  };
  spec.replicas = options.replicas ?? 3;
  spec.template.spec['terminationGracePeriodSeconds'] = 2;
  Object.assign(spec.template.metadata.annotations, options.behaviour);
  const more = options.morePorts ?? [];
  if (more.length > 0) (service['spec'] as { ports: object[] }).ports = [80, ...more].map(portNamed);
  const services = [service];
  if (options.second !== undefined) {
    const { name, port } = options.second;
    const second = structuredClone(service);
    second.metadata.name = name;
    (second['spec'] as { ports: object[] }).ports = [portNamed(port)];
    services.push(second);
  }
  const edit = options.edit ?? ((object) => object);
  return [
    ...services.map((object) => ({ resource: SERVICES, object })),
    { resource: STATEFUL_SETS, object: set },
  ].flatMap(({ resource, object }) => {
    const edited = edit(object);
    return edited === undefined ? [] : [{ resource, object: edited }];
  });
}

const portNamed = (port: number) => ({ name: `port-${port}`, protocol: 'TCP', port, targetPort: 80 });
