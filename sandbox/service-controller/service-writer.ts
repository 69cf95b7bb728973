/** The writes of the service-controller to a Service: annotations, status and Events. */

import { SERVICES } from '../../lib/ports/resources.ts';
import type { Clock, Kube, KubeObject } from '../../lib/ports.ts';
import type { Balancer } from '../clb/balancers/cloud-balancer.ts';
import type { Recorder } from '../controllers/recorder.ts';
import { Annotation, syncTime } from './annotations.ts';

export class ServiceWriter {
  readonly #kube: Kube;
  readonly #clock: Clock;
  readonly #record: Recorder;

  constructor(kube: Kube, clock: Clock, record: Recorder) {
    this.#kube = kube;
    this.#clock = clock;
    this.#record = record;
  }

  async begin(service: KubeObject): Promise<void> {
    await this.#annotate(service, { [Annotation.syncBegin]: syncTime(this.#clock.now()) });
    await this.#record(service, 'Normal', 'EnsuringService', 'Service Sync Start');
  }

  async end(service: KubeObject, balancer: Balancer): Promise<void> {
    await this.#annotate(service, {
      [Annotation.syncEnd]: syncTime(this.#clock.now()),
      [Annotation.balancer]: balancer.id,
    });
    const address = balancer.domain === undefined ? { ip: balancer.vip } : { hostname: balancer.domain };
    await this.#status(service, { loadBalancer: { ingress: [address] } });
    // The misspelling is theirs.
    await this.#record(service, 'Normal', 'EnsureServiceSuccess', 'Service Sync Success. RetrunCode: S2000');
  }

  async failed(service: KubeObject, code: string, message: string): Promise<void> {
    const text = `Service Sync Failed. ReturnCode: ${code}. ${message}`;
    await this.#record(service, 'Warning', 'EnsureServiceFailed', text);
  }

  /** The Service is no load balancer's any more. */
  async released(service: KubeObject): Promise<void> {
    await this.#annotate(service, { [Annotation.balancer]: null });
    await this.#status(service, { loadBalancer: { ingress: null } });
  }

  async #annotate(service: KubeObject, annotations: Record<string, string | null>): Promise<void> {
    await this.#patch(service, { metadata: { uid: service.metadata.uid, annotations } }, {});
  }

  async #status(service: KubeObject, status: object): Promise<void> {
    await this.#patch(service, { metadata: { uid: service.metadata.uid }, status }, { subresource: 'status' });
  }

  async #patch(service: KubeObject, patch: object, options: { subresource?: string }): Promise<void> {
    const { name, namespace = this.#kube.namespace } = service.metadata;
    await this.#kube.patch(SERVICES, name, patch, { namespace, type: 'merge', ...options });
  }
}
