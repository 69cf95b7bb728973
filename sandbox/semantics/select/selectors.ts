import { labelOf, requirementHolds } from '../../../lib/core/values/label-selector.ts';
import { badRequest } from '../patch/patch-error.ts';
import { parseRequirements } from './requirements.ts';

/** As in the selector of an object, and two more that only the `labelSelector` parameter takes. */
function holds(operator: string, value: string | undefined, values: readonly string[]): boolean {
  switch (operator) {
    case 'Gt':
      return isInteger(value) && Number(value) > Number(values[0]);
    case 'Lt':
      return isInteger(value) && Number(value) < Number(values[0]);
    default: {
      const answer = requirementHolds(operator, value, values);
      if (answer === undefined) throw badRequest(`"${operator}" is not a valid label selector operator`);
      return answer;
    }
  }
}

const isInteger = (text: string | undefined): text is string => text !== undefined && /^-?\d+$/.test(text);

/**
 * The `labelSelector` query parameter: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`. Empty text matches everything.
 * Throws PatchError 400 when it cannot be parsed.
 */
export function parseLabelSelector(text: string): (labels: Record<string, string>) => boolean {
  const requirements = parseRequirements(text);
  return (labels) => requirements.every(({ key, operator, values }) => holds(operator, labelOf(labels, key), values));
}
