/** Label selectors as API objects carry them (matchLabels, matchExpressions), evaluated on labels. */
import { list, text, texts } from './read.ts';

/** Whether the labels match. A missing selector matches nothing, an empty one everything (policy/v1, apps/v1). */
export function labelsMatch(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (typeof selector !== 'object' || selector === null) return false;
  const equal = Object.entries(texts(selector, 'matchLabels')).every(([key, value]) => labels[key] === value);
  return equal && list(selector, 'matchExpressions').every((expression) => expressionMatches(expression, labels));
}

function expressionMatches(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[text(expression, 'key') ?? ''];
  const values = list(expression, 'values');
  switch (text(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
