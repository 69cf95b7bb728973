import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PatchError } from '../../../../sandbox/semantics/patch/patch-error.ts';
import { decodeProtobuf } from '../../../../sandbox/semantics/protobuf/protobuf-body.ts';

/** Bodies in base64, as kubectl 1.32 (the first part) and the Go client (the rest) write them, with what they stand for. */
const BODIES: [what: string, base64: string, object: object][] = [
  [
    'kubectl create namespace web',
    'azhzAAoPCgJ2MRIJTmFtZXNwYWNlEhsKEwoDd2ViEgAaACIAKgAyADgAQgASABoCCgAaACIA',
    { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'web' } },
  ],
  [
    'kubectl create configmap c --from-literal=a=b --from-literal=e=',
    'azhzAAoPCgJ2MRIJQ29uZmlnTWFwEiIKEQoBYxIAGgAiACoAMgA4AEIAEgYKAWESAWISBQoBZRIAGgAiAA==',
    { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'c' }, data: { a: 'b', e: '' } },
  ],
  [
    'kubectl create secret generic s --from-literal=p=q',
    'azhzAAoMCgJ2MRIGU2VjcmV0Eh0KEQoBcxIAGgAiACoAMgA4AEIAEgYKAXASAXEaABoAIgA=',
    { kind: 'Secret', apiVersion: 'v1', metadata: { name: 's' }, data: { p: 'cQ==' } },
  ],
  [
    'kubectl create serviceaccount bot',
    'azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSFQoTCgNib3QSABoAIgAqADIAOABCABoAIgA=',
    { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: 'bot' } },
  ],
  [
    'kubectl create role r --verb=get,list --resource=pods --resource-name=x',
    'azhzAAokChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgRSb2xlEisKEQoBchIAGgAiACoAMgA4AEIAEhYKA2dldAoEbGlzdBIAGgRwb2RzIgF4GgAiAA==',
    {
      kind: 'Role',
      apiVersion: 'rbac.authorization.k8s.io/v1',
      metadata: { name: 'r' },
      rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'], resourceNames: ['x'] }],
    },
  ],
  [
    'kubectl create rolebinding rb --role=r --user=ann --group=ops --serviceaccount=web:bot',
    'azhzAAorChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgtSb2xlQmluZGluZxKtAQoSCgJyYhIAGgAiACoAMgA4AEIAEigKBFVzZXISGXJiYWMuYXV0aG9yaXphdGlvbi5rOHMuaW8aA2FubiIAEikKBUdyb3VwEhlyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvGgNvcHMiABIcCg5TZXJ2aWNlQWNjb3VudBIAGgNib3QiA3dlYhokChlyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvEgRSb2xlGgFyGgAiAA==',
    {
      kind: 'RoleBinding',
      apiVersion: 'rbac.authorization.k8s.io/v1',
      metadata: { name: 'rb' },
      subjects: [
        { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ann' },
        { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'ops' },
        { kind: 'ServiceAccount', name: 'bot', namespace: 'web' },
      ],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
    },
  ],
  [
    'kubectl create pdb p --selector=app=nginx --min-available=50%',
    'azhzAAogCglwb2xpY3kvdjESE1BvZERpc3J1cHRpb25CdWRnZXQSPAoRCgFwEgAaACIAKgAyADgAQgASGwoJCAEQABoDNTAlEg4KDAoDYXBwEgVuZ2lueBoKCAAYACAAKAAwABoAIgA=',
    {
      kind: 'PodDisruptionBudget',
      apiVersion: 'policy/v1',
      metadata: { name: 'p' },
      spec: { minAvailable: '50%', selector: { matchLabels: { app: 'nginx' } } },
    },
  ],
  [
    'kubectl create pdb p2 --selector=app=nginx --max-unavailable=1',
    'azhzAAogCglwb2xpY3kvdjESE1BvZERpc3J1cHRpb25CdWRnZXQSOgoSCgJwMhIAGgAiACoAMgA4AEIAEhgSDgoMCgNhcHASBW5naW54GgYIABABGgAaCggAGAAgACgAMAAaACIA',
    {
      kind: 'PodDisruptionBudget',
      apiVersion: 'policy/v1',
      metadata: { name: 'p2' },
      spec: { selector: { matchLabels: { app: 'nginx' } }, maxUnavailable: 1 },
    },
  ],
  [
    'kubectl auth can-i get pods -n web',
    'azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSOAoQCgASABoAIgAqADIAOABCABIaChgKA3dlYhIDZ2V0GgAiACoEcG9kczIAOgAaCAgAEgAaACAAGgAiAA==',
    {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      spec: { resourceAttributes: { namespace: 'web', verb: 'get', resource: 'pods' } },
    },
  ],
  [
    'kubectl auth can-i get /version',
    'azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSLwoQCgASABoAIgAqADIAOABCABIREg8KCC92ZXJzaW9uEgNnZXQaCAgAEgAaACAAGgAiAA==',
    {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      spec: { nonResourceAttributes: { path: '/version', verb: 'get' } },
    },
  ],
  [
    'kubectl create deployment d --image=nginx',
    'azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50EqMBChsKAWQSABoAIgAqADIAOABCAFoICgNhcHASAWQSdggBEgoKCAoDYXBwEgFkGl4KGgoAEgAaACIAKgAyADgAQgBaCAoDYXBwEgFkEkASIgoFbmdpbngSBW5naW54KgBCAGoAcgCAAQCIAQCQAQCiAQAaADIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAIgIKACgAOAAaDAgAEAAYACAAKAA4ABoAIgA=',
    {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'd', labels: { app: 'd' } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'd' } },
        template: {
          metadata: { labels: { app: 'd' } },
          spec: { containers: [{ name: 'nginx', image: 'nginx' }] },
        },
      },
    },
  ],
  [
    'kubectl create service clusterip sv --tcp=80:80',
    'azhzAAoNCgJ2MRIHU2VydmljZRJjCh0KAnN2EgAaACIAKgAyADgAQgBaCQoDYXBwEgJzdhI+ChgKBTgwLTgwEgNUQ1AYUCIGCAAQUBoAKAASCQoDYXBwEgJzdhoAIglDbHVzdGVySVA6AEIAUgBaAGAAaAAaAgoAGgAiAA==',
    {
      kind: 'Service',
      apiVersion: 'v1',
      metadata: { name: 'sv', labels: { app: 'sv' } },
      spec: {
        ports: [{ name: '80-80', protocol: 'TCP', port: 80, targetPort: 80 }],
        selector: { app: 'sv' },
        type: 'ClusterIP',
      },
    },
  ],
  [
    'DeleteOptions with a grace period of zero and a UID',
    'azhzAAoaCglwb2xpY3kvdjESDURlbGV0ZU9wdGlvbnMSGwgAEgYKBDAxMjMiCkJhY2tncm91bmQqA0FsbBoAIgA=',
    {
      kind: 'DeleteOptions',
      apiVersion: 'policy/v1',
      gracePeriodSeconds: 0,
      preconditions: { uid: '0123' },
      propagationPolicy: 'Background',
      dryRun: ['All'],
    },
  ],
  [
    'an Eviction',
    'azhzAAoVCglwb2xpY3kvdjESCEV2aWN0aW9uEiAKGgoHbmdpbngtMBIAGgN3ZWIiACoAMgA4AEIAEgIIABoAIgA=',
    {
      kind: 'Eviction',
      apiVersion: 'policy/v1',
      metadata: { name: 'nginx-0', namespace: 'web' },
      deleteOptions: { gracePeriodSeconds: 0 },
    },
  ],
  [
    'a ConfigMap with bytes, a time, an owner and a finalizer',
    'azhzAAoPCgJ2MRIJQ29uZmlnTWFwEkcKOQoBYxIAGgAiACoAMgA4AEIICIDy1soGEABaBgoBYRIBYmoRCgNQb2QaAXAiATEqAnYxMAFyA3gveRoICgFrEgMBAgMgARoAIgA=',
    {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        name: 'c',
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels: { a: 'b' },
        ownerReferences: [{ kind: 'Pod', name: 'p', uid: '1', apiVersion: 'v1', controller: true }],
        finalizers: ['x/y'],
      },
      binaryData: { k: 'AQID' },
      immutable: true,
    },
  ],
];

for (const [what, base64, object] of BODIES) {
  test(`${what} is read as its JSON would be`, () => {
    assert.deepEqual(decodeProtobuf(Buffer.from(base64, 'base64')), object);
  });
}

const refusal = (httpStatus: number) => (error: unknown) =>
  error instanceof PatchError && error.httpStatus === httpStatus;

test('a kind that is not read from protobuf is refused with what to send instead', () => {
  const pod =
    'azhzAAoJCgJ2MRIDUG9kEkYKEQoBYxIAGgAiACoAMgA4AEIAEhwaADIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAGhMKABoAIgAqADIASgBaAHIAiAEAGgAiAA==';
  assert.throws(
    () => decodeProtobuf(Buffer.from(pod, 'base64')),
    (error: unknown) => refusal(415)(error) && /a Pod .*application\/json/.test((error as Error).message),
  );
});

test('a body that is not protobuf, or ends too soon, is refused with 400', () => {
  const [, whole] = BODIES[1] ?? ['', ''];
  const bytes = Buffer.from(whole, 'base64');
  assert.throws(() => decodeProtobuf(Buffer.from('{}')), refusal(400));
  assert.throws(() => decodeProtobuf(bytes.subarray(0, 4)), refusal(415));
  for (const length of [8, 25, 40, 60]) {
    assert.throws(() => decodeProtobuf(bytes.subarray(0, length)), refusal(400), String(length));
  }
});

test('a field that is not known is refused rather than dropped', () => {
  // A Namespace whose message has a field 9.
  const raw = Buffer.from([0x4a, 0x01, 0x78]);
  const meta = Buffer.concat([
    Buffer.from([0x0a, 0x02]),
    Buffer.from('v1'),
    Buffer.from([0x12, 0x09]),
    Buffer.from('Namespace'),
  ]);
  const body = Buffer.concat([
    Buffer.from('k8s\0'),
    Buffer.from([0x0a, meta.length]),
    meta,
    Buffer.from([0x12, raw.length]),
    raw,
  ]);
  assert.throws(
    () => decodeProtobuf(body),
    (error: unknown) => refusal(400)(error) && /field 9 of Namespace/.test((error as Error).message),
  );
});
