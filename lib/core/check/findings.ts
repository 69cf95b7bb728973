/**
 * Findings: what `check` has to say, each with a stable rule name.
 * Law: a refusal of the safety rules is a FAIL under the same rule name; what could not be found out is a WARN, never OK.
 */
import type { Refusal } from '../errors.ts';
import type { TargetPlace } from '../intent/target-place.ts';
import type { DefaultTexts } from '../intent/workload-defaults.ts';
import type { Advice } from '../values/command.ts';

export type Level = 'OK' | 'WARN' | 'FAIL';

/** In the order in which they are shown. */
export const GROUPS = [
  'workload',
  'rolling update',
  'services',
  'pods',
  'load balancer',
  'counting',
  'other owners',
  'platform',
  'cluster permissions',
  'cloud permissions',
] as const;
export type FindingGroup = (typeof GROUPS)[number];

export interface Finding {
  group: FindingGroup;
  /** Kebab-case and stable; that of the refusal where a verb refuses on it. */
  rule: string;
  level: Level;
  message: string;
  /** A command that fixes it, or what to do in a few words. */
  cure?: Advice;
  /** The message carries figures that are worth a line, OK or not. */
  figures?: true;
}

/** The content of `check`, printed and in `-o json`. */
export interface CheckDetails {
  /** Absent: a StatefulSet was checked. */
  kind?: 'deployment';
  findings: Finding[];
  counts: Record<Level, number>;
}

export const ok = (group: FindingGroup, rule: string, message: string): Finding => ({
  group,
  rule,
  level: 'OK',
  message,
});

/** An OK whose message is shown in full, for the figures in it. */
export const figures = (group: FindingGroup, rule: string, message: string): Finding => ({
  ...ok(group, rule, message),
  figures: true,
});

export const warn = (group: FindingGroup, rule: string, message: string, cure?: Advice): Finding => ({
  group,
  rule,
  level: 'WARN',
  message,
  ...(cure === undefined ? {} : { cure }),
});

export const fail = (group: FindingGroup, rule: string, message: string, cure?: Advice): Finding => ({
  ...warn(group, rule, message, cure),
  level: 'FAIL',
});

/** One FAIL per refusal; a rule of `passed` that none of them names is OK, with its words. */
export function graded(
  group: FindingGroup,
  refusals: readonly Refusal[],
  passed: Readonly<Record<string, string>> = {},
): Finding[] {
  const failed = new Set(refusals.map(({ rule }) => rule));
  return [
    ...Object.entries(passed).flatMap(([rule, message]) => (failed.has(rule) ? [] : [ok(group, rule, message)])),
    ...refusals.map(({ rule, message, cure }) => fail(group, rule, message, cure)),
  ];
}

/** In the order of the groups; within a group the worst first. */
export function arranged(findings: readonly Finding[]): CheckDetails {
  const levels: readonly Level[] = ['FAIL', 'WARN', 'OK'];
  const rank = (finding: Finding): number =>
    GROUPS.indexOf(finding.group) * levels.length + levels.indexOf(finding.level);
  const count = (level: Level): number => findings.filter((finding) => finding.level === level).length;
  return {
    findings: findings.toSorted((a, b) => rank(a) - rank(b)),
    counts: { OK: count('OK'), WARN: count('WARN'), FAIL: count('FAIL') },
  };
}

/** The content of `-o json` when several StatefulSets were checked. */
export interface CheckOfMany {
  /** Raised when the meaning of a field changes. */
  version: 1;
  targets: readonly CheckedTarget[];
  /** Contexts in which nothing could be looked for; absent: none. */
  unreached?: readonly { context: string; message: string }[];
}

export interface CheckedTarget extends CheckDetails, TargetPlace {
  /** The Deployment or, without `kind`, the StatefulSet. */
  name: string;
  /** The workload's own defaults that its check used; absent: it used none. */
  defaults?: DefaultTexts;
  /** The exit code of checking this one alone. */
  exitCode: number;
  message: string;
}

/** `nginx-0, nginx-1 and 8 more`. */
export function some(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
