/** The admission webhook that gives TKE's readiness gate to pods: the sandbox has it built in, a real API server calls it. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { field, text } from '../../../lib/core/values/read.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { Kube, Resource } from '../../../lib/ports.ts';
import type { Authority } from '../../../sandbox/apiserver/pki/authority.ts';
import type { Running } from '../../../sandbox/common/running.ts';
import { injectReadinessGate } from '../../../sandbox/service-controller/targets/readiness-gate.ts';
import { isBoundDirectly } from '../../../sandbox/start/start-cluster.ts';

const CONFIGURATIONS: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
  namespaced: false,
};
const NAME = 'readiness-gate.cloud.tencent.com';

/** Resolves when the API server calls it for every new pod. */
export async function startGateWebhook(kube: Kube, authority: Authority): Promise<Running> {
  const server = createServer(await authority.issueServer('readiness-gate', ['127.0.0.1']), (request, response) => {
    void json(request)
      .then((review) => answer(kube, review))
      .then((body) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body)))
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await kube.create(CONFIGURATIONS, configuration(port, authority.certificate));
  return {
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Kubernetes: admission.k8s.io/v1 AdmissionReview, request and response. */
async function answer(kube: Kube, review: unknown): Promise<object> {
  const pod = field(review, 'request', 'object') as object;
  const namespace = text(review, 'request', 'namespace');
  const gated = (await isBoundDirectly(kube, pod, namespace)) ? injectReadinessGate(pod) : pod;
  const value = field(gated, 'spec', 'readinessGates');
  const patch = JSON.stringify(gated === pod ? [] : [{ op: 'add', path: '/spec/readinessGates', value }]);
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: text(review, 'request', 'uid'),
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(patch).toString('base64'),
    },
  };
}

function configuration(port: number, certificateAuthority: string): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: NAME },
    webhooks: [
      {
        name: NAME,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        clientConfig: {
          url: `https://127.0.0.1:${port}/`,
          caBundle: Buffer.from(certificateAuthority).toString('base64'),
        },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: [PODS.plural] }],
      },
    ],
  };
}
