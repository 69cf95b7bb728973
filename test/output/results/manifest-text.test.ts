import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestText } from '../../../lib/output/results/manifest-text.ts';

const metadata = { name: 'zeroloss-nginx-1', namespace: 'prod' };
const job = (...args: string[]) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata,
  spec: { template: { spec: { containers: [{ args }] } } },
});
const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: metadata.name } };

test('the head of a manifest takes everything away by one command, a ClusterRole too', async () => {
  assert.match(
    await manifestText([job()], []),
    /^# {3}kubectl delete -n prod job,rolebinding,role,serviceaccount -l kubectl-zeroloss\/job=zeroloss-nginx-1$/m,
  );
  const text = await manifestText([role, job('--node=n1')], []);
  assert.match(text, /job,rolebinding,role,serviceaccount,clusterrolebinding,clusterrole -l /);
  assert.match(text, /^# Its ClusterRole reads nodes and volumes, which are of no namespace; /m);
});

test('the head of a manifest asks for an image with a shell where one of its commands needs it', async () => {
  assert.doesNotMatch(await manifestText([job('--gate-query=up')], []), /shell/);
  assert.match(
    await manifestText([job('--gate-command=true', '--notify-command=cat')], []),
    /^# A shell runs --gate-command and --notify-command: the image needs one \(deploy\/Dockerfile, --target shell\)\.$/m,
  );
});
