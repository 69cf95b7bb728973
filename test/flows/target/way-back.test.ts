import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  DisagreesError,
  NotYetError,
  RefusedError,
  StatusError,
  type ZerolossError,
} from '../../../lib/core/errors.ts';
import { pinOf } from '../../../lib/core/job/pin.ts';
import { wayBack } from '../../../lib/core/outcome/way-back.ts';
import { FORMER_REVISION } from '../../../lib/core/target/revisions.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { rollback } from '../../../lib/flows/verbs/rollback.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { verify } from '../../../lib/flows/verbs/verify.ts';
import { CONTROLLER_REVISIONS, PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { NEW_HASH, OLD_HASH } from '../../builders.ts';
import { common, type Rehearsal, rehearse, upgradeIntent } from '../rehearsal/rehearsal.ts';
import { withRevisions } from '../rehearsal/revisions.ts';

/** Half of an upgrade from revision 1 to 2, and then the former template again, as rollback and `--image` of the former one leave it. */
function turned(): Rehearsal {
  const rehearsal = withRevisions(rehearse({ updated: [0, 1, 2] }));
  rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
    set.metadata.annotations = { [FORMER_REVISION]: `nginx-${OLD_HASH}` };
    const { template } = set['spec'] as { template: { spec: { containers: { image: string }[] } } };
    for (const container of template.spec.containers) container.image = 'nginx:1.25.3';
  });
  rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
    const { generation } = set.metadata;
    const status = { updateRevision: `nginx-${OLD_HASH}`, observedGeneration: generation };
    set['status'] = { ...(set['status'] as object), ...status };
  });
  rehearsal.kube.edit(CONTROLLER_REVISIONS, `nginx-${OLD_HASH}`, (one) => Object.assign(one, { revision: 3 }));
  return rehearsal;
}

function withoutRevisions(rehearsal: Rehearsal): Rehearsal {
  const list = rehearsal.kube.list.bind(rehearsal.kube);
  rehearsal.kube.list = async (resource, ...rest) => {
    if (resource === CONTROLLER_REVISIONS) throw new StatusError(403, 'Forbidden', 'not allowed');
    return list(resource, ...rest);
  };
  return rehearsal;
}

/** Answers the first question with y and the next with n. */
async function stopped({ world }: Rehearsal): Promise<string> {
  let asked = 0;
  const confirm = async () => asked++ === 0;
  const error: unknown = await upgrade({ ...world, confirm }, upgradeIntent({ yes: false })).catch((it: unknown) => it);
  assert.ok(error instanceof NotYetError, String(error));
  return String(error.advice);
}

const failure = async (run: Promise<unknown>): Promise<ZerolossError> =>
  run.then(
    () => assert.fail('it succeeded'),
    (it) => it,
  );

describe('the way back', () => {
  it('is rollback while the template is the one that the upgrade set', async () => {
    for (const kept of [{}, { [FORMER_REVISION]: `nginx-${OLD_HASH}` }])
      for (const seen of [(it: Rehearsal) => it, withoutRevisions]) {
        const rehearsal = seen(withRevisions(rehearse()));
        rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => Object.assign(set.metadata, { annotations: kept }));
        assert.match(
          await stopped(rehearsal),
          /to go back: kubectl zeroloss rollback nginx && kubectl zeroloss upgrade nginx {3}# the former template, under the same rules/,
        );
      }
  });
  it('of an upgrade that goes back already names the revision that outdated pods run, and works when it is typed', async () => {
    const rehearsal = turned();
    assert.match(
      await stopped(rehearsal),
      /to go back: kubectl zeroloss rollback nginx --to-revision 2 && kubectl zeroloss upgrade nginx {3}# the template that outdated pods run/,
    );
    await rollback(rehearsal.world, { ...common, toRevision: 2 });
    assert.match(JSON.stringify(rehearsal.kube.object(STATEFUL_SETS, 'nginx')), /"nginx:1\.25\.4"/);
  });
  it('is not named where it would go on in the same direction and the revisions cannot be read', async () => {
    const hint = await stopped(withoutRevisions(turned()));
    assert.doesNotMatch(hint, /rollback|to go back/);
    assert.match(hint, /to go on: the same command again/);
  });
  it('is the same one for verify, which names none once nothing else is left to go back to', async () => {
    const rehearsal = turned();
    rehearsal.balancer.health.set('nginx-5', 'dead');
    const failed = () => failure(verify(rehearsal.world, { ...common, forMs: 0, ordinals: [5] }));
    const error = await failed();
    assert.ok(error instanceof DisagreesError);
    assert.equal(String(error.advice), 'to go back: kubectl zeroloss rollback nginx --to-revision 2');
    for (const ordinal of [0, 1, 2]) rehearsal.kube.remove(PODS, `nginx-${ordinal}`);
    assert.equal(String((await failed()).advice), 'to go on: the same command again');
  });
  it('is judged by the template that was just set where the controller has not seen it yet', () => {
    const { kube } = rehearse({ settled: true });
    const set = readStatefulSet(kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail());
    const kept = { ...set, annotations: { [FORMER_REVISION]: set.updateRevision } };
    assert.equal(wayBack(kept, []), undefined);
    assert.equal(String(wayBack({ ...kept, observed: false }, [])?.command), 'kubectl zeroloss rollback nginx');
  });
});

describe('a rollback to the template that is set already', () => {
  it('does not claim a rollback, and names the revision that leads away from it', async () => {
    const { world } = turned();
    const { results, next, changed } = await rollback(world, common);
    assert.equal(changed, false);
    assert.deepEqual(
      [results[0]?.action, results[0]?.note],
      ['already has this template', 'revision 3, the one to go back to; ordinals 0-2 outdated now'],
    );
    assert.match(String(next?.at(-1)), /rollback nginx --to-revision 2 /);
  });
  it('is refused with the pin of the upgrade that set it: an upgrade after it would go on with what was to be left', async () => {
    const rehearsal = turned();
    const set = readStatefulSet(rehearsal.kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail());
    const pin = pinOf(set, { images: { nginx: 'nginx:1.25.3' } });
    const error = await failure(rollback(rehearsal.world, { ...common, pin }));
    assert.ok(error instanceof RefusedError);
    assert.equal(error.refusals[0]?.rule, 'back-is-clear');
    assert.match(String(error.refusals[0]?.cure), /--to-revision 2/);
    assert.deepEqual(rehearsal.kube.writes, []);
    const other = pinOf(set, { images: { nginx: `nginx:${NEW_HASH}` } });
    assert.equal((await rollback(rehearsal.world, { ...common, pin: other })).changed, false);
  });
});
