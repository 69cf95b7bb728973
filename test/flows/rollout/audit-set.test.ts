import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkOf } from '../../../lib/flows/verbs/check-of.ts';
import { findingsPrinter } from '../../../lib/output/results/findings-report.ts';
import { renderOutcome } from '../../../lib/output/results/print-outcome.ts';
import { printing } from '../../output/results/printing.ts';
import { checked, found, wish } from '../check/cases.ts';
import { rehearse } from '../rehearsal/rehearsal.ts';
import { web } from './stage.ts';

const rolling = (more: object = {}) =>
  rehearse({ set: { merge: { spec: { updateStrategy: { type: 'RollingUpdate', ...more } } } } });

describe('check of a StatefulSet with RollingUpdate', () => {
  it('audits its rolling update: one at a time from the highest ordinal, and no surge', async () => {
    const { findings, code } = await checked(rolling());
    assert.match(
      found(findings, 'rollout-strategy', 'OK')?.message ?? '',
      /^10 replicas, maxUnavailable 1: at most 10, at least 9 serve; the pods go from the highest ordinal down, 1 at a time$/,
    );
    assert.ok(found(findings, 'on-delete', 'FAIL'));
    assert.equal(code, 4);
  });

  it('says which pods a partition keeps, and counts connections', async () => {
    const rehearsal = rolling({ rollingUpdate: { partition: 3 } });
    rehearsal.source.counts.set('nginx-4', 2);
    const { findings } = await checked(rehearsal);
    assert.match(found(findings, 'rollout-strategy', 'OK')?.message ?? '', /pods below ordinal 3 are not updated/);
    const open = found(findings, 'open-connections', 'WARN');
    assert.match(open?.message ?? '', /^about 2 connections are open now; /);
    assert.match(String(open?.cure), /"type":"OnDelete"/);
  });

  it('says what grace deletion is worth to a rolling update, and not that it is not needed', async () => {
    const { message } = found((await checked(rolling())).findings, 'grace-deletion', 'WARN') ?? {};
    assert.match(message ?? '', /only preStop stands in between/);
  });

  it('says nothing of it with OnDelete', async () => {
    const { findings } = await checked(rehearse());
    assert.deepEqual(
      findings.filter(({ group }) => group === 'rolling update'),
      [],
    );
  });
});

describe('check of a StatefulSet and a Deployment at once', () => {
  it('reports each under its own type, and plans only the StatefulSet', async () => {
    const { name: _one, ...ask } = wish;
    const targets = [
      { name: 'nginx' },
      { name: 'web', kind: 'deployment' as const },
      { name: 'no', kind: 'deployment' as const },
    ];
    const outcome = await checkOf(web().world, { ...ask, targets });
    assert.match(String(outcome.message), /^1 of 3 failed: deployment\/no$/);
    assert.deepEqual(outcome.next.map(String), ['kubectl zeroloss plan nginx']);
    const { stdout } = await renderOutcome(outcome, printing(), findingsPrinter);
    assert.match(stdout, /^statefulset\/nginx +0 /m);
    assert.match(stdout, /^deployment\/web +0 /m);
    const wide = (await renderOutcome(outcome, printing({ format: 'wide' }), findingsPrinter)).stdout;
    assert.match(wide, /^deployment\/web: 0 FAIL, /m);
    assert.match(wide, /^ {2}OK {4}rollout-strategy: 10 replicas, /m, 'figures are shown, OK or not');
    const json = (await renderOutcome(outcome, printing({ format: 'json' }), findingsPrinter)).stdout;
    assert.ok(!json.includes('"figures"'));
    assert.match(stdout, /^deployment\/no: not checked/m);
  });
});
