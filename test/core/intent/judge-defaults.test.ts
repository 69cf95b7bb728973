import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_READERS, usualSources } from '../../../cmd/flags/default-flags.ts';
import { type Judging, judgeDefaults } from '../../../lib/core/intent/judge-defaults.ts';

const judged = (defaults: Record<string, string>, rest: Partial<Judging> = {}) =>
  judgeDefaults({
    statefulSet: 'nginx',
    annotations: {
      'kubectl-zeroloss/former-replicas': '4',
      ...Object.fromEntries(Object.entries(defaults).map(([name, text]) => [`kubectl-zeroloss/default-${name}`, text])),
    },
    replicas: 10,
    sources: usualSources,
    measured: false,
    read: (name, text) => DEFAULT_READERS[name].read([text], name),
    ...rest,
  });

/** `ok` or the rule of each. */
const verdicts = (defaults: Record<string, string>, rest?: Partial<Judging>) =>
  judged(defaults, rest).each.map(({ refusal }) => refusal?.rule ?? 'ok');

describe("a workload's own defaults", () => {
  it('are used where they ask for as much care as the built-in ones, or more', () => {
    for (const careful of [
      { 'stable-for': '30s' },
      { 'stable-for': '5m' },
      { 'min-serving': '50%' },
      { 'min-serving': '5' },
      { 'min-serving': '90%' },
      { batch: '1' },
      { 'max-unavailable': '1' },
      { 'max-unavailable': '10%' },
      { source: 'clb,pod' },
      { metric: 'nginx_connections_active' },
    ])
      assert.deepEqual(verdicts(careful), ['ok'], JSON.stringify(careful));
  });

  it('are refused where they ask for less, with the flag that asks for it and the command that removes it', () => {
    for (const loose of [
      { 'stable-for': '29s' },
      { 'stable-for': '0' },
      { 'min-serving': '40%' },
      { 'min-serving': '4' },
      { 'min-serving': '0' },
      { batch: '2' },
      { 'max-unavailable': '2' },
      { 'max-unavailable': '20%' },
      { source: 'clb' },
      { source: 'metrics' },
    ])
      assert.deepEqual(verdicts(loose), ['default-looser'], JSON.stringify(loose));
    const [{ refusal } = assert.fail('none')] = judged({ batch: '4' }).each;
    assert.equal(
      refusal?.message,
      "annotation kubectl-zeroloss/default-batch=4 of statefulset/nginx asks for less care than the built-in default 1: a workload's own default may only ask for more",
    );
    assert.equal(refusal?.override, '--batch 4');
    assert.match(
      String(refusal?.cure),
      /^kubectl annotate statefulset nginx kubectl-zeroloss\/default-batch- {3}# the built-in default counts then: 1$/,
    );
  });

  it('that name fewer sources than would count by a gauge are looser, the gauge named by flag or default', () => {
    assert.deepEqual(verdicts({ source: 'clb,pod' }, { measured: true }), ['default-looser']);
    assert.deepEqual(verdicts({ source: 'clb,pod', metric: 'sessions' }), ['default-looser', 'ok']);
    assert.deepEqual(verdicts({ source: 'clb,pod,metrics', metric: 'sessions' }), ['ok', 'ok']);
  });

  it('that cannot be read are refused with what is accepted, and a command that works', () => {
    for (const [name, text, accepted, value] of [
      ['stable-for', '5', 'a duration is a number and a unit', '30s'],
      ['min-serving', 'most', 'a number of backends', '50%'],
      ['batch', '0', 'must be a whole number, 1 or more', '1'],
      ['max-unavailable', 'all', 'a number of pods from 1', '1'],
      ['source', 'sockets', 'sources: clb, pod, metrics', 'clb,pod'],
      ['source', '', 'must not be empty', 'clb,pod'],
    ] as const) {
      const [{ refusal } = assert.fail('none')] = judged({ [name]: text }).each;
      assert.equal(refusal?.rule, 'default-value');
      assert.ok(refusal.message.startsWith(`annotation kubectl-zeroloss/default-${name} of statefulset/nginx: `));
      assert.ok(refusal.message.includes(accepted), refusal.message);
      assert.match(String(refusal.cure), new RegExp(`--overwrite '?kubectl-zeroloss/default-${name}=${value}`));
      assert.deepEqual(verdicts({ [name]: value }), ['ok']);
    }
    const [{ refusal } = assert.fail('none')] = judged({ metric: '9 lives' }).each;
    assert.match(String(refusal?.cure), /default-metric- /);
  });

  it('are a closed list: what answers, overrides or runs something is refused by its name', () => {
    const { each, strangers } = judged({ yes: 'true', force: 'true', 'max-connections': '9', 'gate-command': 'true' });
    assert.deepEqual(each, []);
    assert.deepEqual(
      strangers.map(({ rule, message }) => [rule, /default-\S+/.exec(message)?.[0]]),
      ['force', 'gate-command', 'max-connections', 'yes'].map((name) => ['default-name', `default-${name}`]),
    );
  });

  it('of a batch and of a window exclude each other', () => {
    assert.deepEqual(verdicts({ batch: '1', 'max-unavailable': '1' }), ['default-value', 'default-value']);
  });
});
