import { asList, asMap, asMaps, type JsonMap } from '../json.ts';
import { NONE, orNone } from './columns.ts';

/** A plain map of labels as `a=b,c=d`, sorted. */
export function renderLabels(labels: unknown): string {
  return orNone(
    Object.entries(asMap(labels))
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join(','),
  );
}

/** A LabelSelector on one line (Kubernetes: metav1.FormatLabelSelector). */
export function renderSelector(selector: unknown): string {
  const { matchLabels, matchExpressions } = asMap(selector);
  const labels = renderLabels(matchLabels);
  const parts = [...(labels === NONE ? [] : [labels]), ...asMaps(matchExpressions).map(renderExpression)];
  return orNone(parts.join(','));
}

function renderExpression({ key, operator, values }: JsonMap): string {
  const list = asList(values).join(',');
  switch (operator) {
    case 'In':
      return `${key} in (${list})`;
    case 'NotIn':
      return `${key} notin (${list})`;
    case 'Exists':
      return String(key);
    default:
      return `!${key}`;
  }
}
