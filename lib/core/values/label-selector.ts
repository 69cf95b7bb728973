/** Label selectors as API objects carry them (matchLabels, matchExpressions), evaluated on labels. */
import { list, text, texts } from './read.ts';

/** Whether the labels match. A missing selector matches nothing, an empty one everything (policy/v1, apps/v1). */
export function labelsMatch(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (typeof selector !== 'object' || selector === null) return false;
  return (
    Object.entries(texts(selector, 'matchLabels')).every(([key, value]) => labelOf(labels, key) === value) &&
    list(selector, 'matchExpressions').every(
      (each) =>
        requirementHolds(
          text(each, 'operator') ?? '',
          labelOf(labels, text(each, 'key') ?? ''),
          list(each, 'values'),
        ) === true,
    )
  );
}

/** A label's value; a key that every object of the language has, such as `constructor`, is no label. */
export const labelOf = (labels: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

/**
 * Whether a label with this value has what one requirement asks; undefined: there is no such operator. `NotIn` holds where
 * the label is missing (Kubernetes: labels.Requirement.Matches).
 */
export function requirementHolds(
  operator: string,
  value: string | undefined,
  values: readonly unknown[],
): boolean | undefined {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return undefined;
  }
}
