/** Label and field selectors as the API server's query parameters spell them. */
import type { KubeObject } from '../../../lib/ports.ts';
import { isRecord } from './merge-patch.ts';

/** Splits at commas outside of parentheses: `a=b,c in (d,e)` has two requirements. */
function requirementsOf(selector: string): string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((requirement) => requirement.trim())
    .filter((requirement) => requirement !== '');
}

function meets(labels: Record<string, string>, requirement: string): boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(requirement);
  if (set) {
    const [, key = '', operator, values = ''] = set;
    const value = labels[key];
    const listed = value !== undefined && values.split(',').some((one) => one.trim() === value);
    return operator === 'in' ? listed : !listed;
  }
  const equality = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(requirement);
  if (equality) {
    const [, key = '', operator, value] = equality;
    return operator === '!=' ? labels[key] !== value : labels[key] === value;
  }
  if (/^!\S+$/.test(requirement)) return !(requirement.slice(1) in labels);
  if (/^[^\s=!()]+$/.test(requirement)) return requirement in labels;
  throw new Error(`the fake cannot read the label selector "${requirement}"`);
}

export function matchesLabels(object: KubeObject, selector: string | undefined): boolean {
  const labels = object.metadata.labels ?? {};
  return requirementsOf(selector ?? '').every((requirement) => meets(labels, requirement));
}

/** Field selectors are read as dotted paths, for example `metadata.name=web-0,involvedObject.kind=Pod`. */
export function matchesFields(object: KubeObject, selector: string | undefined): boolean {
  return requirementsOf(selector ?? '').every((requirement) => {
    const [, path = '', operator, wanted] = /^([^=!]+)(==|=|!=)(.*)$/.exec(requirement) ?? [];
    if (operator === undefined) throw new Error(`the fake cannot read the field selector "${requirement}"`);
    let value: unknown = object;
    for (const field of path.split('.')) value = isRecord(value) ? value[field] : undefined;
    const same = String(value ?? '') === wanted;
    return operator === '!=' ? !same : same;
  });
}
