import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../../../lib/core/errors.ts';
import type { StatusOfMany } from '../../../../lib/core/status/status-view.ts';
import { statusOf } from '../../../../lib/flows/verbs/status-of.ts';
import { createStatusChanges } from '../../../../lib/output/status/status-changes.ts';
import { common, rehearse } from '../../rehearsal/rehearsal.ts';
import { nginxAndWeb } from '../../rehearsal/two-sets.ts';

const { name: _one, ...ask } = common;

const two = () => nginxAndWeb({ pods: 2 });

describe('status of several', () => {
  it('shows those that are named, in the order of the command line', async () => {
    const outcome = await statusOf(two().world, { ...ask, names: ['web', 'nginx'] });
    const { targets } = outcome.details as StatusOfMany;
    assert.deepEqual(
      targets.map(({ name, rows }) => [name, rows.map(({ pod }) => pod)]),
      [
        ['web', ['web-0']],
        ['nginx', ['nginx-0', 'nginx-1']],
      ],
    );
  });
  it('shows the others where one is not there, with a hint where the names are', async () => {
    const { details, message, exitCode } = await statusOf(two().world, { ...ask, names: ['nginx', 'nope', 'nada'] });
    const { targets } = details as StatusOfMany;
    assert.deepEqual(
      targets.map(({ name, rows, exitCode }) => [name, rows.length, exitCode]),
      [
        ['nginx', 2, 0],
        ['nope', 0, 1],
        ['nada', 0, 1],
      ],
    );
    assert.equal(exitCode, 1);
    assert.match(
      String(message),
      /^2 of 3 cannot be shown: nope: .*"nope" not found, nada: .*\nhint: kubectl get statefulsets {3}# [^\n]*\nnginx: nothing is drained$/,
    );
  });
  it('shows those with the labels, and reports it when there are none', async () => {
    const outcome = await statusOf(two().world, { ...ask, names: [], selector: 'tier=gateway' });
    assert.deepEqual(
      (outcome.details as StatusOfMany).targets.map(({ name }) => name),
      ['nginx', 'web'],
    );
    await assert.rejects(statusOf(two().world, { ...ask, names: [], selector: 'tier=none' }), UsageError);
  });
});

describe('a long look through a pipe', () => {
  it('shows every pod once, then only what changed, and counts that run every ten seconds', async () => {
    const rehearsal = rehearse({ replicas: 2 });
    const rows = async () => {
      const { details } = await statusOf(rehearsal.world, { ...ask, names: ['nginx'] });
      return (details as StatusOfMany['targets'][number]).rows;
    };
    const changes = createStatusChanges();
    assert.equal(changes(await rows(), 0).length, 2);
    assert.equal(changes(await rows(), 2000).length, 0);
    rehearsal.source.counts.set('nginx-1', 5);
    assert.deepEqual(changes(await rows(), 4000), []);
    const [line, none] = changes(await rows(), 12_000);
    assert.match(line ?? '', /^1970-01-01T00:00:12Z nginx-1 weight=10 clb=10 .* connections=5\n$/);
    assert.equal(none, undefined);
    rehearsal.balancer.override.set('nginx-0', 0);
    assert.match(changes(await rows(), 13_000).join(''), /nginx-0 weight=10 clb=0/);
  });
});
