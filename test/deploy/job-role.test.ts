import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UpgradeIntent } from '../../lib/core/intent/intent.ts';
import { upgradeJob } from '../../lib/core/job/job-manifest.ts';
import { leavingRules, type PolicyRule, type UpgradeReach, upgradeRules } from '../../lib/core/job/role-rules.ts';
import { parsePauseAt } from '../../lib/core/plan/pause-at.ts';
import type { UpgradePlan } from '../../lib/core/plan/upgrade-plan.ts';
import { field, list } from '../../lib/core/values/read.ts';
import { plan } from '../../lib/flows/verbs/plan.ts';
import { upgrade } from '../../lib/flows/verbs/upgrade.ts';
import type { KubeObject } from '../../lib/ports.ts';
import type { Call } from '../fakes/api/kube.ts';
import { rehearse, upgradeIntent } from '../flows/rehearsal/rehearsal.ts';
import { groupOf } from './groups.ts';
import { grantsOf, named, rbacObjects } from './manifests.ts';

const REACH: UpgradeReach = {
  statefulSet: 'nginx',
  pods: ['nginx-0', 'nginx-1', 'nginx-2'],
  services: ['nginx'],
  claims: false,
  exec: true,
  debugContainers: false,
  evict: false,
};
const roleOf = (objects: readonly KubeObject[] | undefined): KubeObject =>
  objects?.find(({ kind }) => kind === 'Role') ?? assert.fail('no Role');
const can = (rules: readonly PolicyRule[], path: string): string[] | 'all' | undefined => {
  const [where = '', verb = ''] = path.split(' ');
  const rule = rules.find(
    ({ apiGroups: [group = ''], resources, verbs }) =>
      resources.some((resource) => `${group}/${resource}` === where) && verbs.includes(verb),
  );
  return rule === undefined ? undefined : (rule.resourceNames ?? 'all');
};

/** Whether RBAC would let a call pass. */
function allows(rules: readonly PolicyRule[], { verb, resource, subresource, name }: Call): boolean {
  const path = subresource === undefined ? resource : `${resource}/${subresource}`;
  return rules.some(
    ({ apiGroups, resources, verbs, resourceNames }) =>
      apiGroups.includes(groupOf(resource)) &&
      resources.includes(path) &&
      verbs.includes(verb === 'exec' ? 'create' : verb) &&
      // A create names no object to RBAC, unless it is of a subresource.
      (resourceNames === undefined || (name !== undefined && resourceNames.includes(name))),
  );
}

describe('the Role of a Job', () => {
  it('grants nothing that deploy/rbac.yaml does not grant to operate', async () => {
    const all = new Set(grantsOf(named(await rbacObjects(), 'kubectl-zeroloss-operate')));
    const every: UpgradeReach = { ...REACH, claims: true, debugContainers: true, metrics: { ports: undefined } };
    for (const reach of [every, { ...every, evict: true }])
      for (const {
        apiGroups: [group = ''],
        resources,
        verbs,
      } of upgradeRules(reach))
        for (const resource of resources)
          for (const verb of verbs) assert.ok(all.has(`${group}/${resource} ${verb}`), `${group}/${resource} ${verb}`);
  });

  it('names each object that it may write, delete or count in, and the Lease', () => {
    const rules = upgradeRules(REACH);
    assert.deepEqual(can(rules, 'apps/statefulsets patch'), ['nginx']);
    assert.deepEqual(can(rules, '/services patch'), ['nginx']);
    for (const path of ['/pods delete', '/pods/exec create', '/pods/exec get'])
      assert.deepEqual(can(rules, path), REACH.pods, path);
    for (const verb of ['get', 'patch'])
      assert.deepEqual(can(rules, `coordination.k8s.io/leases ${verb}`), ['kubectl-zeroloss-nginx']);
    const unnamed = rules.filter(({ resourceNames }) => resourceNames === undefined);
    for (const { verbs, resources } of unnamed)
      assert.ok(
        verbs.every((verb) => verb === 'list') || /^(events|leases)$/.test(resources[0] ?? ''),
        `${verbs} ${resources}`,
      );
  });

  it('lets it exec only where connections are counted in the pod, and evict or delete, not both', () => {
    const rules = upgradeRules({ ...REACH, exec: false, evict: true });
    assert.equal(can(rules, '/pods/exec create'), undefined);
    assert.equal(can(rules, '/pods delete'), undefined);
    assert.deepEqual(can(rules, '/pods/eviction create'), REACH.pods);
    const byMetric = upgradeRules({ ...REACH, exec: false, metrics: { ports: [9090] } });
    assert.deepEqual(can(byMetric, '/pods/proxy get'), ['nginx-0:9090', 'nginx-1:9090', 'nginx-2:9090']);
  });

  it('reads of no namespace the nodes to be emptied and the volumes claimed, by name, and no more than the shipped ClusterRole', async () => {
    assert.deepEqual(leavingRules(REACH), []);
    const rules = leavingRules({ ...REACH, leaving: { nodes: ['node-7'], volumes: ['pv-1'] } });
    assert.deepEqual(can(rules, '/nodes list'), ['node-7']);
    assert.deepEqual(can(rules, '/persistentvolumes get'), ['pv-1']);
    const all = new Set(grantsOf(named(await rbacObjects(), 'kubectl-zeroloss-surroundings')));
    for (const { resources, verbs } of rules) assert.ok(all.has(`/${resources[0]} ${verbs[0]}`), String(resources));
    assert.equal(leavingRules({ ...REACH, leaving: { nodes: ['node-7'], volumes: [] } }).length, 1);
  });

  const WAYS: readonly [string, Partial<UpgradeIntent>][] = [
    ['in batches with a surge', { batch: 2, surge: 2 }],
    ['as a window', { maxUnavailable: { kind: 'count', count: 2 } }],
    ['with a restart that pauses halfway', { restart: true, pauseAt: parsePauseAt('50%') }],
  ];
  for (const [way, wish] of WAYS)
    it(`is enough for a whole upgrade ${way}`, async () => {
      const rehearsal = rehearse({ replicas: 4 });
      const intent = upgradeIntent({
        ...wish,
        images: { nginx: 'nginx:1.25.4' },
        minServing: { kind: 'count', count: 1 },
        timeoutMs: 600_000,
      });
      const job = {
        engine: 'job' as const,
        image: 'zeroloss:v1',
        credentials: { kind: 'secret', name: 'key' } as const,
        words: [],
      };
      const planned = await plan(rehearsal.world, { ...intent, countingWords: [], job });
      const rules = list(roleOf((planned.details as UpgradePlan).manifest), 'rules') as PolicyRule[];
      rehearsal.kube.calls.length = 0;
      const leaseHolder = { identity: 'job/a/b#c/d', isGone: () => false };
      const { exitCode } = await upgrade({ ...rehearsal.world, leaseHolder }, intent);
      assert.equal(exitCode, 0);
      const refused = rehearsal.kube.calls.filter((call) => !allows(rules, call));
      assert.deepEqual(
        refused.map(({ verb, resource, subresource, name }) => [verb, resource, subresource, name]),
        [],
      );
      assert.ok(rehearsal.kube.calls.some(({ verb, resource }) => verb === 'patch' && resource === 'leases'));
    });
});

describe('the manifest of a Job', () => {
  const target = {
    namespace: 'prod',
    pin: { uid: 'u-1', template: '0123456789abcdef' },
    region: 'ap-guangzhou',
    reach: REACH,
  };
  const wish = {
    engine: 'job' as const,
    image: 'zeroloss:v1',
    credentials: { kind: 'secret', name: 'key' } as const,
    words: ['--surge=1'],
  };
  const job = (objects: readonly KubeObject[]) => objects.find(({ kind }) => kind === 'Job') ?? assert.fail();

  it('is the same for the same wish, and a Job of another name for another', () => {
    assert.deepEqual(upgradeJob(target, wish), upgradeJob(target, wish));
    const names = [wish, { ...wish, words: [] }, { ...wish, image: 'zeroloss:v2' }].map(
      (each) => job(upgradeJob(target, each)).metadata.name,
    );
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^zeroloss-nginx-[0-9a-f]{8}$/);
    const long = { ...target, reach: { ...REACH, statefulSet: `a.${'b'.repeat(60)}` } };
    assert.match(job(upgradeJob(long, wish)).metadata.name, /^[a-z0-9-]{1,63}$/);
  });

  it('holds every word of the upgrade, the pin and --yes, and never --take-over', () => {
    const text = JSON.stringify(upgradeJob(target, wish));
    assert.match(
      text,
      /"args":\["upgrade","nginx","--surge=1","--region=ap-guangzhou","--pin=u-1\/0123456789abcdef","--yes"\]/,
    );
    assert.doesNotMatch(text, /take-over|force/);
  });

  it('hands a $ of a word on as it is: the kubelet reads $$ as one, and would replace $(NAME)', () => {
    const text = JSON.stringify(upgradeJob(target, { ...wish, words: ['--gate-command=test $(date +%H) -lt $MAX'] }));
    assert.match(text, /"--gate-command=test \$\$\(date \+%H\) -lt \$\$MAX"/);
  });

  it('runs one pod at a time, as no user of the machine, on files that it cannot change, and within limits', () => {
    const { spec } = job(upgradeJob(target, wish)) as unknown as { spec: Record<string, unknown> };
    assert.deepEqual(
      ['completions', 'parallelism', 'backoffLimit', 'activeDeadlineSeconds', 'podReplacementPolicy'].map(
        (field) => spec[field],
      ),
      [1, 1, 20, 2 * 24 * 60 * 60, 'Failed'],
    );
    const pod = field(spec, 'template', 'spec');
    assert.deepEqual(
      ['restartPolicy', 'terminationGracePeriodSeconds', 'enableServiceLinks'].map((each) => field(pod, each)),
      ['Never', 30, false],
    );
    assert.deepEqual(field(pod, 'securityContext'), {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    const [container, ...others] = list(pod, 'containers');
    assert.deepEqual(others, []);
    assert.equal(field(container, 'image'), 'zeroloss:v1');
    assert.deepEqual(field(container, 'securityContext'), {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.deepEqual(field(container, 'resources'), {
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { memory: '512Mi' },
    });
  });

  it('fails on usage, refusal, conflict and a world that disagrees, ignores disruptions, and lets the rest try again', () => {
    assert.deepEqual(list(job(upgradeJob(target, wish)), 'spec', 'podFailurePolicy', 'rules'), [
      { action: 'FailJob', onExitCodes: { containerName: 'upgrade', operator: 'In', values: [2, 4, 5, 7] } },
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      { action: 'Ignore', onExitCodes: { containerName: 'upgrade', operator: 'In', values: [143] } },
    ]);
  });

  it('belongs to the StatefulSet, all of it', () => {
    for (const { kind, metadata } of upgradeJob(target, wish))
      assert.deepEqual(
        metadata.ownerReferences,
        [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx', uid: 'u-1' }],
        String(kind),
      );
  });

  it('that empties a node has a ClusterRole by its own name and label, which no StatefulSet could own', () => {
    const leaving = { ...target, reach: { ...REACH, leaving: { nodes: ['node-7'], volumes: [] } } };
    const objects = upgradeJob(leaving, { ...wish, words: ['--node=node-7'] });
    assert.deepEqual(
      objects.map(({ kind }) => kind),
      ['ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding', 'Job'],
    );
    const { name } = job(objects).metadata;
    for (const { metadata } of objects.filter(({ kind }) => String(kind).startsWith('Cluster')))
      assert.deepEqual(metadata, {
        name,
        labels: { 'app.kubernetes.io/name': 'kubectl-zeroloss', 'kubectl-zeroloss/job': name },
      });
  });

  it('takes the cloud key from the named Secret, or from a role by workload identity', () => {
    const bySecret = JSON.stringify(upgradeJob(target, wish));
    assert.match(bySecret, /"envFrom":\[\{"secretRef":\{"name":"key"\}\}\]/);
    const arn = 'qcs::cam::uin/1:roleName/zeroloss';
    const byRole = upgradeJob(target, { ...wish, credentials: { kind: 'role', arn } });
    assert.equal(byRole[0]?.metadata.annotations?.['tke.cloud.tencent.com/role-arn'], arn);
    assert.doesNotMatch(JSON.stringify(byRole), /secretRef/);
  });
});
