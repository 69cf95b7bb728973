import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REQUIRED_ACTIONS } from '../../lib/core/safety/required-access.ts';
import { list } from '../../lib/core/values/read.ts';
import { advance } from '../../lib/flows/verbs/advance.ts';
import { check } from '../../lib/flows/verbs/check.ts';
import { drain } from '../../lib/flows/verbs/drain.ts';
import { recreate } from '../../lib/flows/verbs/recreate.ts';
import { restore } from '../../lib/flows/verbs/restore.ts';
import { rollback } from '../../lib/flows/verbs/rollback.ts';
import { status } from '../../lib/flows/verbs/status.ts';
import { surge } from '../../lib/flows/verbs/surge.ts';
import { verify } from '../../lib/flows/verbs/verify.ts';
import { waitZero } from '../../lib/flows/verbs/wait-zero.ts';
import type { Call } from '../fakes/api/kube.ts';
import { common, rehearse, zero } from '../flows/rehearsal/rehearsal.ts';
import { groupOf } from './groups.ts';
import { camPolicy, grantsOf, named, rbacObjects, wantedBy } from './manifests.ts';

/** A recorded call as RBAC sees it; undefined: allowed to everybody (system:basic-user). */
function permissionOf({ verb, resource, subresource }: Call): string | undefined {
  if (resource === 'selfsubjectaccessreviews') return undefined;
  const path = `${groupOf(resource)}/${resource}${subresource === undefined ? '' : `/${subresource}`}`;
  return `${path} ${verb}`;
}

describe('deploy/rbac.yaml', () => {
  it('grants to look exactly what the list of required access says', async () => {
    assert.deepEqual(grantsOf(named(await rbacObjects(), 'kubectl-zeroloss-look')), wantedBy(['look'], false));
  });

  it('grants to operate exactly what the list says, with all that looking needs', async () => {
    const role = named(await rbacObjects(), 'kubectl-zeroloss-operate');
    assert.deepEqual(grantsOf(role), wantedBy(['look', 'operate'], false));
  });

  it('keeps what is outside the namespace in a role of its own', async () => {
    const role = named(await rbacObjects(), 'kubectl-zeroloss-surroundings');
    assert.equal(role.kind, 'ClusterRole');
    assert.deepEqual(grantsOf(role), wantedBy([], true));
  });

  it('grants for -A what it grants to look, in all namespaces, and no write', async () => {
    const role = named(await rbacObjects(), 'kubectl-zeroloss-look-everywhere');
    assert.equal(role.kind, 'ClusterRole');
    assert.deepEqual(grantsOf(role), wantedBy(['look'], false));
    for (const rule of list(role, 'rules'))
      assert.ok(list(rule, 'verbs').every((verb) => verb === 'get' || verb === 'list'));
  });

  it('holds no wildcard and no secret, and names no namespace, so that -n chooses it', async () => {
    for (const object of await rbacObjects()) {
      assert.equal(object.metadata.namespace, undefined);
      assert.doesNotMatch(JSON.stringify(list(object, 'rules')), /"\*"|secrets/);
    }
  });

  it('covers every call of a whole upgrade, with a surge, a rollback and a check', async () => {
    const rehearsal = rehearse({ replicas: 3, set: { replicas: 3 } });
    const { world, kube } = rehearsal;
    const intent = { ...common, ...zero };
    await check(world, { ...common, stableForMs: 0, strays: [] });
    await surge(world, { ...common, count: 1, dark: false });
    await drain(world, { ...common, ordinals: [0] });
    for (let code = 0; code === 0; code = (await advance(world, intent)).exitCode) {
      await status(world, common);
      await waitZero(world, intent);
      await recreate(world, { ...intent, evict: false, force: false });
      await verify(world, { ...common, forMs: 0, ordinals: [0] }).catch(() => undefined);
    }
    await waitZero(world, intent);
    await restore(world, { ...intent, weightsOnly: false });
    await rollback(world, common).catch(() => undefined);
    const granted = new Set([
      ...grantsOf(named(await rbacObjects(), 'kubectl-zeroloss-operate')),
      ...grantsOf(named(await rbacObjects(), 'kubectl-zeroloss-surroundings')).map((each) =>
        each.split(' ').slice(0, 2).join(' '),
      ),
    ]);
    const made = new Set(kube.calls.flatMap((call) => permissionOf(call) ?? []));
    assert.deepEqual(
      [...made].filter((permission) => !granted.has(permission)),
      [],
    );
    for (const needed of ['/services patch', '/pods delete', 'apps/statefulsets patch', '/events create'])
      assert.ok(made.has(needed), `the upgrade made no ${needed}: the test has lost its teeth`);
  });
});

describe('deploy/cam-policy.json', () => {
  it('allows exactly the actions of the list, and only reading ones', async () => {
    const policy = await camPolicy();
    assert.deepEqual(
      list(policy, 'statement', 0, 'action'),
      REQUIRED_ACTIONS.map(({ action }) => action),
    );
    assert.equal(list(policy, 'statement').length, 1);
    for (const { action } of REQUIRED_ACTIONS) assert.match(action, /^(clb|monitor):(Describe|Get)/);
  });
});
