import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckOfMany } from '../../../lib/core/check/findings.ts';
import { UsageError } from '../../../lib/core/errors.ts';
import { type CheckOfIntent, checkOf } from '../../../lib/flows/verbs/check-of.ts';
import { findingsPrinter } from '../../../lib/output/results/findings-report.ts';
import { renderOutcome } from '../../../lib/output/results/print-outcome.ts';
import { printing } from '../../output/results/printing.ts';
import { nginxAndRollingWeb } from '../rehearsal/two-sets.ts';
import { wish } from './cases.ts';

const { name: _one, ...ask } = wish;

async function several(intent: Pick<CheckOfIntent, 'targets' | 'selector'>) {
  const rehearsal = nginxAndRollingWeb();
  const outcome = await checkOf(rehearsal.world, { ...ask, ...intent });
  const { targets, version } = outcome.details as CheckOfMany;
  return { rehearsal, outcome, targets, version };
}

describe('check of several', () => {
  it('reports each, and exits with the worst of them', async () => {
    const { outcome, targets, version } = await several({ targets: [{ name: 'nginx' }, { name: 'web' }] });
    assert.equal(version, 1);
    assert.deepEqual(
      targets.map(({ name, exitCode }) => [name, exitCode]),
      [
        ['nginx', 0],
        ['web', 4],
      ],
    );
    assert.equal(outcome.exitCode, 4);
    assert.equal(outcome.message, '1 of 2 failed: web');
    assert.deepEqual(outcome.next.map(String), ['kubectl zeroloss plan nginx']);
  });

  it('a missing one is reported among the others, and is worse than one that failed', async () => {
    const { outcome, targets } = await several({ targets: [{ name: 'nosuch' }, { name: 'web' }, { name: 'nginx' }] });
    assert.match(targets[0]?.findings[0]?.message ?? '', /"nosuch" not found/);
    assert.deepEqual(
      targets.map(({ exitCode }) => exitCode),
      [1, 4, 0],
    );
    assert.equal(outcome.exitCode, 1);
  });

  it('finds those with the labels, and reports it when there are none', async () => {
    const { targets } = await several({ targets: [], selector: 'tier=gateway' });
    assert.deepEqual(
      targets.map(({ name }) => name),
      ['nginx', 'web'],
    );
    await assert.rejects(several({ targets: [], selector: 'tier=none' }), UsageError);
  });

  it('asks once what the caller may do', async () => {
    const reviews = async (...names: string[]) =>
      (await several({ targets: names.map((name) => ({ name })) })).rehearsal.kube.calls.filter(
        ({ resource }) => resource === 'selfsubjectaccessreviews',
      ).length;
    assert.equal(await reviews('nginx', 'web'), await reviews('nginx'));
  });

  it('an interruption ends it', async () => {
    const { world } = nginxAndRollingWeb();
    const signal = AbortSignal.abort(new Error('stop'));
    await assert.rejects(checkOf({ ...world, signal }, { ...ask, targets: [{ name: 'nginx' }, { name: 'web' }] }));
  });

  it('prints a line for each in one table, and below it the report of each that failed; -o wide prints every report', async () => {
    const { outcome } = await several({ targets: [{ name: 'nginx' }, { name: 'web' }] });
    const { stdout, stderr } = await renderOutcome(outcome, printing(), findingsPrinter);
    assert.match(
      stdout,
      /^TARGET +FAIL +WARN +OK +RULES\nstatefulset\/nginx +0 +\d+ +\d+ +<none>\nstatefulset\/web +[1-9]/,
    );
    assert.match(stdout, /^statefulset\/web +[1-9]\d* .* on-delete/m);
    assert.match(stdout, /\n\n\nstatefulset\/web: [1-9]\d* FAIL, .*\n\nworkload\n {2}FAIL {2}on-delete: /);
    assert.doesNotMatch(stdout, /^statefulset\/nginx: /m);
    const wide = await renderOutcome(outcome, printing({ format: 'wide' }), findingsPrinter);
    assert.match(wide.stdout, /^statefulset\/nginx: 0 FAIL, .*\n\nworkload\n/m);
    assert.match(stderr, /^error: 1 of 2 failed: web$/m);
    const json = JSON.parse((await renderOutcome(outcome, printing({ format: 'json' }), findingsPrinter)).stdout);
    assert.equal(json.details.version, 1);
    assert.match(
      json.details.targets[1].findings[0].cure,
      /^kubectl patch statefulset web /,
      'cures can be typed here too',
    );
  });

  it('one name alone is the check itself', async () => {
    const outcome = await checkOf(nginxAndRollingWeb().world, { ...ask, targets: [{ name: 'nginx' }] });
    assert.ok(!('targets' in (outcome.details as object)));
    assert.equal(outcome.target.name, 'nginx');
  });
});
