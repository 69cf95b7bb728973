import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionError, UsageError } from '../../../lib/core/errors.ts';
import { isPlanned, type PlanOfMany } from '../../../lib/core/plan/plan-of-many.ts';
import type { UpgradePlan } from '../../../lib/core/plan/upgrade-plan.ts';
import { type PlanOfIntent, planOf } from '../../../lib/flows/verbs/plan-of.ts';
import type { World } from '../../../lib/ports.ts';
import { cloudDown, common } from '../rehearsal/rehearsal.ts';
import { nginxAndRollingWeb } from '../rehearsal/two-sets.ts';

const { name: _one, ...place } = common;
const ask = { ...place, images: {}, batch: 2, surge: 0, soakMs: 0, stableForMs: 30_000, countingWords: [] };

async function several(intent: Partial<PlanOfIntent>, rehearsal = nginxAndRollingWeb()) {
  const outcome = await planOf(rehearsal.world, { ...ask, names: [], ...intent });
  return { rehearsal, outcome, details: outcome.details as PlanOfMany };
}

describe('plan of several', () => {
  it('plans each with the same flags, and names the rule that would refuse one of them', async () => {
    const { rehearsal, outcome, details } = await several({ names: ['nginx', 'web'], restart: true });
    assert.deepEqual(
      details.targets.map((each) => isPlanned(each) && [each.name, each.exitCode, each.batches]),
      [
        [
          'nginx',
          0,
          [
            [0, 1],
            [2, 3],
          ],
        ],
        ['web', 0, [[0, 1]]],
      ],
    );
    const [nginx, web] = details.targets;
    assert.deepEqual(nginx?.refusals, []);
    assert.deepEqual([...new Set(web?.refusals.map(({ rule }) => rule))], ['on-delete']);
    assert.equal(outcome.message, '2 planned; right now 1 of them would be refused: web');
    assert.match(outcome.refusals[0]?.message ?? '', /^web: /);
    assert.equal(outcome.exitCode, 0, 'a rule that would refuse is reported, as with one target');
    assert.deepEqual(rehearsal.kube.writes, []);
  });

  it('one that is not there has no plan, hides no other, and its exit code counts', async () => {
    const { outcome, details } = await several({ names: ['nosuch', 'nginx'] });
    assert.equal(outcome.exitCode, 1);
    assert.deepEqual(
      details.targets.map((each) => [each.name, isPlanned(each), each.exitCode]),
      [
        ['nosuch', false, 1],
        ['nginx', true, 0],
      ],
    );
    assert.match(String(outcome.message), /^1 of 2 cannot be planned: nosuch: .*not found\n1 planned; right now none/);
  });

  it('a container that one of them lacks is an error of that one', async () => {
    const { outcome, details } = await several({ names: ['nginx', 'web'], images: { sidecar: 'a:1' } });
    assert.equal(outcome.exitCode, 2);
    assert.ok(details.targets.every((each) => !isPlanned(each) && /sidecar/.test(each.error)));
  });

  it('finds those with the labels, and reports it when there are none', async () => {
    const { details } = await several({ selector: 'tier=gateway' });
    assert.deepEqual(
      details.targets.map(({ name }) => name),
      ['nginx', 'web'],
    );
    await assert.rejects(several({ selector: 'tier=none' }), UsageError);
  });

  it('a warning names the target that it is about', async () => {
    const rehearsal = nginxAndRollingWeb();
    rehearsal.balancer.failure = cloudDown;
    await several({ names: ['nginx', 'web'] }, rehearsal);
    assert.match(rehearsal.report.text, /nginx: the load balancer cannot be asked/);
  });

  it('never says that none would be refused where the rules of one could not be checked', async () => {
    const rehearsal = nginxAndRollingWeb();
    rehearsal.balancer.failure = cloudDown;
    const { outcome, details } = await several({ names: ['nginx', 'web'], restart: true }, rehearsal);
    const [nginx, web] = details.targets;
    assert.ok(nginx && web && isPlanned(nginx) && isPlanned(web));
    assert.match(nginx.notChecked?.join() ?? '', /^the load balancer cannot be asked, so its rules are not checked/);
    assert.equal(web.notChecked, undefined, 'it is refused before the load balancer is asked');
    assert.equal(
      outcome.message,
      '2 planned; right now 1 of them would be refused: web; whether 1 of them would be refused is unknown, their rules are not all checked: nginx',
    );
    const alone = nginxAndRollingWeb();
    alone.balancer.failure = cloudDown;
    const { message } = (await several({ selector: 'tier=gateway', images: { app: 'a:2' } }, alone)).outcome;
    assert.doesNotMatch(String(message), /none of/);
  });

  it('says nothing of refusals where none could be planned', async () => {
    const { outcome } = await several({ names: ['nginx', 'web'], images: { sidecar: 'a:1' } });
    assert.match(String(outcome.message), /^2 of 2 cannot be planned: .*\n0 planned$/);
  });

  it('counts a rule about Ingresses, autoscalers or other load balancers that cannot be asked as not checked', async () => {
    const rehearsal = nginxAndRollingWeb();
    rehearsal.balancer.bindingsOf = async () => {
      throw new Error('no permission for DescribeLBListeners');
    };
    const { details } = await several({ names: ['nginx', 'web'], restart: true }, rehearsal);
    const [nginx] = details.targets;
    assert.ok(nginx && isPlanned(nginx));
    assert.match(nginx.notChecked?.join() ?? '', /^whether another load balancer sends traffic .* no permission/);
  });

  it('of several contexts names the one that does not answer, and leads its cures to the place of each', async () => {
    const [north, south] = [nginxAndRollingWeb(), nginxAndRollingWeb()];
    const placed = (world: World, context: string): World => ({ ...world, place: { context, server: '' } });
    const world = placed(north.world, 'north');
    world.clusters = [
      { context: 'north', world },
      { context: 'gone', error: new ConnectionError('no cluster gone') },
      { context: 'south', world: placed(south.world, 'south') },
    ];
    const outcome = await planOf(world, { ...ask, names: ['web'] });
    const { targets, unreached } = outcome.details as PlanOfMany;
    assert.deepEqual(
      targets.map(({ context }) => context),
      ['north', 'south'],
    );
    assert.deepEqual(unreached, [{ context: 'gone', message: 'no cluster gone' }]);
    assert.equal(outcome.exitCode, 1);
    assert.match(String(targets[1]?.refusals[0]?.cure), / -n default --context south patch statefulset web /);
  });

  it('uses the defaults of each workload, and has the refusals that these bring first', async () => {
    const intent = { ...ask, names: ['nginx', 'web'] };
    const outcome = await planOf(nginxAndRollingWeb().world, intent, async (world, name) => ({
      world,
      intent: name === 'nginx' ? { ...intent, batch: 4 } : intent,
      ...(name === 'nginx' ? { defaults: { batch: '4' } } : {}),
      foreseen: name === 'nginx' ? [] : [{ rule: 'default-looser', message: 'no' }],
    }));
    const [nginx, web] = (outcome.details as PlanOfMany).targets;
    assert.ok(nginx && isPlanned(nginx));
    assert.deepEqual([nginx.batches, nginx.defaults], [[[0, 1, 2, 3]], { batch: '4' }]);
    assert.equal(web?.refusals[0]?.rule, 'default-looser');
  });

  it('one name alone is the plan itself', async () => {
    const { outcome } = await several({ names: ['nginx'] });
    assert.equal((outcome.details as UpgradePlan).steps.length > 0, true);
    assert.ok(outcome.results.length > 0);
  });
});
