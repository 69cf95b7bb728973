/**
 * A consequence of a worse finding is held back: a Service that binds no pod has no healthy backend either, and the cures of
 * those findings would be wrong. Law: the exit code is the same with and without, for only a FAIL holds anything back.
 */
import { type Finding, warn } from './findings.ts';

/** All that is seen at the load balancer. */
const AT_BALANCER = [
  'some-weight',
  'some-healthy',
  'floor',
  'backends-bound',
  'weights-shown',
  'backends-healthy',
  'countable',
] as const;

/** The rule that failed, and the rules of which nothing can be said before it is fixed. */
const FOLLOWS: Readonly<Record<string, readonly string[]>> = {
  'service-found': AT_BALANCER,
  'direct-access': AT_BALANCER,
  'balancer-known': AT_BALANCER,
  'no-target-group': AT_BALANCER,
  'pods-exist': AT_BALANCER,
  'controller-active': ['weights-shown'],
};

/** The findings without those that follow from a FAIL; one more names them. Findings that are OK stay. */
export function withoutConsequences(findings: readonly Finding[]): Finding[] {
  const causes = findings.flatMap(({ rule, level }) => (level === 'FAIL' && rule in FOLLOWS ? [rule] : []));
  const follows = new Set(causes.flatMap((rule) => FOLLOWS[rule] ?? []));
  const held = findings.filter(({ rule, level }) => level !== 'OK' && follows.has(rule));
  if (held.length === 0) return [...findings];
  const because = new Set(causes.filter((cause) => held.some(({ rule }) => FOLLOWS[cause]?.includes(rule))));
  const rules = [...new Set(held.map(({ rule }) => rule))].join(', ');
  return [
    ...findings.filter((finding) => !held.includes(finding)),
    warn('load balancer', 'not-checked', `follows from ${[...because].join(', ')}, which comes first: ${rules}`),
  ];
}
