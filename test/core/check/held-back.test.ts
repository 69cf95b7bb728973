import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Finding, fail, ok, warn } from '../../../lib/core/check/findings.ts';
import { withoutConsequences } from '../../../lib/core/check/held-back.ts';
import { own } from '../../../lib/core/values/command.ts';

const rulesOf = (findings: readonly Finding[]) => findings.map(({ rule, level }) => `${level} ${rule}`);

test('without direct access neither the floor nor its cure, a surge, is shown', () => {
  const shown = withoutConsequences([
    fail('services', 'direct-access', 'binds nodes'),
    fail('load balancer', 'floor', 'only 0 backends', own('surge', 'nginx')),
    fail('load balancer', 'some-healthy', 'none is healthy'),
    warn('counting', 'countable', 'unknown'),
    ok('load balancer', 'scheduler', 'WRR'),
  ]);
  assert.deepEqual(rulesOf(shown), ['FAIL direct-access', 'OK scheduler', 'WARN not-checked']);
  assert.equal(shown.at(-1)?.message, 'follows from direct-access, which comes first: floor, some-healthy, countable');
});

test('a floor that fails by itself is shown', () => {
  const findings = [ok('services', 'direct-access', 'binds pods'), fail('load balancer', 'floor', 'only 1 backend')];
  assert.deepEqual(withoutConsequences(findings), findings);
});

test('holding back never turns a failed check into a passed one, and never hides its cause', () => {
  const rules = [
    'direct-access',
    'floor',
    'balancer-known',
    'weights-shown',
    'controller-active',
    'pods-exist',
    'clock',
  ];
  const finding = fc
    .tuple(fc.constantFrom(...rules), fc.constantFrom('OK', 'WARN', 'FAIL'))
    .map(([rule, level]): Finding => ({ group: 'services', rule, level: level as Finding['level'], message: 'm' }));
  const fails = (findings: readonly Finding[]) => findings.some(({ level }) => level === 'FAIL');
  fc.assert(
    fc.property(fc.array(finding), (findings) => {
      const shown = withoutConsequences(findings);
      assert.equal(fails(shown), fails(findings));
      for (const each of findings) if (each.rule === 'direct-access') assert.ok(shown.includes(each));
    }),
  );
});
