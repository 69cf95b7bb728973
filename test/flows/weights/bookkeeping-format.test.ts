/** Records of a format that this version does not know: neither believed, nor erased, nor written over. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError } from '../../../lib/core/errors.ts';
import type { Outcome } from '../../../lib/core/outcome/outcome.ts';
import type { StatusDetails } from '../../../lib/core/status/status-view.ts';
import { withSetFormat } from '../../../lib/core/target/set-format.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { check } from '../../../lib/flows/verbs/check.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { history } from '../../../lib/flows/verbs/history.ts';
import { pause, resume } from '../../../lib/flows/verbs/pause.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { rollback } from '../../../lib/flows/verbs/rollback.ts';
import { status } from '../../../lib/flows/verbs/status.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject, Resource } from '../../../lib/ports.ts';
import { common, deletions, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

const OWN = 'nginx.kubectl-zeroloss';
const SET = 'kubectl-zeroloss';

function annotate({ kube }: Rehearsal, resource: Resource, annotations: Record<string, string | undefined>): void {
  kube.edit(resource, 'nginx', ({ metadata }) => {
    const all = { ...metadata.annotations, ...annotations };
    metadata.annotations = Object.fromEntries(
      Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
  });
}
const annotations = ({ kube }: Rehearsal, resource: Resource = SERVICES): KubeObject['metadata']['annotations'] =>
  kube.object(resource, 'nginx')?.metadata.annotations ?? {};
const restoring = { ...common, ...zero, weightsOnly: false };

/** Every verb that writes, over pods of which 0 and 1 are drained. */
const WRITERS: Readonly<Record<string, (rehearsal: Rehearsal) => Promise<Outcome<unknown>>>> = {
  drain: ({ world }) => drain(world, { ...common, ordinals: [2] }),
  'wait-zero': ({ world }) => waitZero(world, { ...common, ...zero, ordinals: [0] }),
  recreate: ({ world }) => recreate(world, { ...common, ...zero, evict: false, force: false }),
  advance: ({ world }) => advance(world, common),
  'restore --weights-only': ({ world }) => restore(world, { ...restoring, weightsOnly: true }),
  restore: ({ world }) => restore(world, restoring),
  surge: ({ world }) => surge(world, { ...common, count: 1, dark: false }),
  rollback: ({ world }) => rollback(world, common),
};

const FOREIGN: readonly { title: string; resource: Resource; held: Record<string, string>; names: RegExp }[] = [
  {
    title: 'the former weights',
    resource: SERVICES,
    held: { [`${OWN}/format`]: '2', [`${OWN}/former-lb-rs-weight`]: '' },
    names: /service\/nginx .* format 2 \(annotation nginx.kubectl-zeroloss\/format\)/,
  },
  {
    title: 'canaries',
    resource: SERVICES,
    held: { [`${OWN}/canary`]: '{"format":7,"share":{"0":"5%"}}' },
    names: /format 7 \(annotation nginx.kubectl-zeroloss\/canary\)/,
  },
  {
    title: 'moments of zero',
    resource: SERVICES,
    held: { [`${OWN}/zero-seen`]: '{"format":2,"pods":{},"writers":[]}' },
    names: /format 2 \(annotation nginx.kubectl-zeroloss\/zero-seen\)/,
  },
  {
    title: 'moments of zero of another StatefulSet behind the Service',
    resource: SERVICES,
    held: { 'web.kubectl-zeroloss/zero-seen': '{"format":2,"pods":{},"writers":[]}' },
    names: /format 2 \(annotation web.kubectl-zeroloss\/zero-seen\)/,
  },
  {
    title: 'the surge and the former revision',
    resource: STATEFUL_SETS,
    held: { [`${SET}/format`]: '2', [`${SET}/former-replicas`]: '8 of 10', [`${SET}/former-revision`]: 'nginx-x' },
    names: /statefulset\/nginx .* format 2 \(annotation kubectl-zeroloss\/format\)/,
  },
];

describe('a record of an unknown format', () => {
  for (const { title, resource, held, names } of FOREIGN) {
    const begun = async (): Promise<Rehearsal> => {
      const rehearsal = rehearse();
      await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
      annotate(rehearsal, resource, held);
      return rehearsal;
    };

    it(`of ${title} stops every verb that writes, with a cure, and stays as it is`, async () => {
      for (const [name, run] of Object.entries(WRITERS)) {
        const rehearsal = await begun();
        const before = [annotations(rehearsal), annotations(rehearsal, STATEFUL_SETS)];
        await assert.rejects(run(rehearsal), (error: unknown) => {
          assert.ok(error instanceof RefusedError, `${name}: ${error}`);
          assert.deepEqual(
            error.refusals.map(({ rule }) => rule),
            ['record-format'],
            name,
          );
          assert.match(error.message, names);
          assert.match(String(error.refusals[0]?.cure), /^kubectl annotate (service|statefulset) nginx \S+- /);
          return true;
        });
        assert.deepEqual([annotations(rehearsal), annotations(rehearsal, STATEFUL_SETS)], before, name);
        assert.deepEqual(deletions(rehearsal), []);
      }
    });

    it(`of ${title} is named by check, status and history`, async () => {
      const { world } = await begun();
      const { details } = await check(world, { ...common, stableForMs: 10_000, strays: [] } as never);
      const finding = details?.findings.find(({ rule }) => rule === 'record-format');
      assert.equal(finding?.level, 'FAIL');
      assert.match(finding?.message ?? '', names);
      const shown = await status(world, common);
      assert.match(shown.refusals.map(({ message }) => message).join('\n'), names);
      assert.equal((shown.details as StatusDetails).surge, null);
      const story = await history(world, common);
      assert.match(String(story.message), names);
      assert.equal(story.details?.now?.formerRevision ?? null, null);
      assert.equal(story.details?.now?.formerReplicas ?? null, null);
    });

    it(`of ${title} is forgotten by the command that the refusal shows, and the verb goes on`, async () => {
      const rehearsal = await begun();
      const error = await drain(rehearsal.world, { ...common, ordinals: [0, 1, 2] }).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof RefusedError);
      const keys = String(error.refusals[0]?.cure).match(/\S*kubectl-zeroloss\/\S+(?=-\s)/g) ?? [];
      assert.deepEqual(keys.toSorted(), Object.keys(held).toSorted());
      annotate(rehearsal, resource, Object.fromEntries(keys.map((key) => [key, undefined])));
      assert.equal((await drain(rehearsal.world, { ...common, ordinals: [0, 1, 2] })).changed, true);
    });
  }

  it('that pauses does pause, and resume refuses to erase it', async () => {
    const rehearsal = rehearse();
    const text = '{"format":2,"until":"2027-01-01"}';
    annotate(rehearsal, STATEFUL_SETS, { [`${SET}/paused`]: text });
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [0] }), /is paused/);
    assert.equal((await pause(rehearsal.world, common)).changed, false);
    await assert.rejects(resume(rehearsal.world, common), /format 2 \(annotation kubectl-zeroloss\/paused\)/);
    assert.equal(annotations(rehearsal, STATEFUL_SETS)?.[`${SET}/paused`], text);
    const { details } = await check(rehearsal.world, { ...common, stableForMs: 10_000, strays: [] } as never);
    assert.ok(details?.findings.some(({ rule, level }) => rule === 'record-format' && level === 'FAIL'));
  });

  it('stays where restore --force puts back a damaged annotation', async () => {
    const rehearsal = rehearse({ service: { rsWeight: '{oops' } });
    annotate(rehearsal, SERVICES, { [`${OWN}/former-lb-rs-weight`]: '', [`${OWN}/format`]: '2' });
    const before = annotations(rehearsal);
    await assert.rejects(
      restore(rehearsal.world, { ...restoring, weightsOnly: true, force: true }),
      /holds bookkeeping of format 2/,
    );
    assert.deepEqual(annotations(rehearsal), before);
  });
});

describe('the format number', () => {
  it('is written with each record in the same patch, and goes with the last of them', async () => {
    const rehearsal = rehearse({ settled: true });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    assert.equal(annotations(rehearsal)?.[`${OWN}/format`], '1');
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    assert.equal(annotations(rehearsal, STATEFUL_SETS)?.[`${SET}/format`], '1');
    annotate(rehearsal, STATEFUL_SETS, { [`${SET}/former-replicas`]: undefined });
    await restore(rehearsal.world, { ...restoring, weightsOnly: true });
    assert.deepEqual(
      Object.keys(annotations(rehearsal) ?? {}).filter((key) => key.startsWith(OWN)),
      [],
    );
  });

  it('that is missing, or was left behind by the version before, is no reason to drain again, and restore takes it away', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    annotate(rehearsal, SERVICES, { [`${OWN}/format`]: undefined });
    assert.equal((await drain(rehearsal.world, { ...common, ordinals: [0] })).changed, false);
    await restore(rehearsal.world, { ...restoring, weightsOnly: true });
    assert.equal((await restore(rehearsal.world, { ...restoring, weightsOnly: true })).changed, false);
    annotate(rehearsal, SERVICES, { [`${OWN}/format`]: '1' });
    await restore(rehearsal.world, { ...restoring, weightsOnly: true });
    assert.equal(annotations(rehearsal)?.[`${OWN}/format`], undefined);
  });

  it('that the version before left alone on the StatefulSet is taken away by restore', async () => {
    const rehearsal = rehearse({ settled: true });
    annotate(rehearsal, STATEFUL_SETS, { [`${SET}/format`]: '1' });
    const { results } = await restore(rehearsal.world, restoring);
    assert.match(results.map(({ note }) => note).join(), /a format number without bookkeeping/);
    assert.equal(annotations(rehearsal, STATEFUL_SETS)?.[`${SET}/format`], undefined);
    assert.equal((await restore(rehearsal.world, restoring)).changed, false);
  });

  it('goes from the StatefulSet with the last bookkeeping that it belongs to, in any order they go', () => {
    const [replicas, revision, format] = [`${SET}/former-replicas`, `${SET}/former-revision`, `${SET}/format`];
    const written = (held: Record<string, string>, records: Record<string, string | null>) =>
      withSetFormat({ name: 'nginx', annotations: held }, records)[format];
    assert.equal(written({}, { [replicas]: '3' }), '1');
    assert.equal(written({ [replicas]: '3', [revision]: 'a', [format]: '1' }, { [replicas]: null }), '1');
    assert.equal(written({ [revision]: 'a', [format]: '1' }, { [revision]: null }), null);
    assert.equal(written({ [revision]: 'a' }, { [revision]: null }), undefined);
  });
});
