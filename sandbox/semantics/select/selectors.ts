import { badRequest } from '../patch/patch-error.ts';
import { parseRequirements } from './requirements.ts';

/** A LabelSelector of the API, as in `spec.selector`. Both parts must match; an empty one matches everything. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: readonly LabelSelectorRequirement[];
}

export interface LabelSelectorRequirement {
  key: string;
  operator: string;
  values?: readonly string[];
}

/** Whether a set of labels has what one requirement asks. `notin` and `!=` hold where the key is missing, as in the real server. */
function holds(operator: string, value: string | undefined, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return isInteger(value) && Number(value) > Number(values[0]);
    case 'Lt':
      return isInteger(value) && Number(value) < Number(values[0]);
    default:
      throw badRequest(`"${operator}" is not a valid label selector operator`);
  }
}

const isInteger = (text: string | undefined): text is string => text !== undefined && /^-?\d+$/.test(text);

const labelOf = (labels: Readonly<Record<string, string>>, key: string) =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

/**
 * The `labelSelector` query parameter: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`. Empty text matches everything.
 * Throws PatchError 400 when it cannot be parsed.
 */
export function parseLabelSelector(text: string): (labels: Record<string, string>) => boolean {
  const requirements = parseRequirements(text);
  return (labels) => requirements.every(({ key, operator, values }) => holds(operator, labelOf(labels, key), values));
}

/** A missing selector matches nothing, an empty one everything (Kubernetes: LabelSelectorAsSelector). */
export function matchesLabelSelector(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (selector === undefined) {
    return false;
  }
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labelOf(labels, key) === value) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values }) =>
      holds(operator, labelOf(labels, key), values ?? []),
    )
  );
}
