import { labelsMatch } from '../../../lib/core/values/label-selector.ts';
import { asList, asMap, asMaps, type JsonMap } from '../json.ts';
import { labelKeyError, labelValueError } from '../valid-names.ts';
import { type FieldError, forbidden, invalid, oneOf, required } from './field-error.ts';
import { validateLabels } from './validate-metadata.ts';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** A LabelSelector (Kubernetes: ValidateLabelSelector). */
export function validateSelector(field: string, selector: JsonMap): FieldError[] {
  return [
    ...validateLabels(`${field}.matchLabels`, selector['matchLabels']),
    ...asMaps(selector['matchExpressions']).flatMap((expression, index) =>
      validateExpression(`${field}.matchExpressions[${index}]`, expression),
    ),
  ];
}

function validateExpression(field: string, expression: JsonMap): FieldError[] {
  const operator = expression['operator'];
  const values = asList(expression['values']);
  const errors = oneOf(`${field}.operator`, operator, OPERATORS);
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  }
  const keyError = labelKeyError(String(expression['key'] ?? ''));
  if (keyError !== undefined) {
    errors.push(invalid(`${field}.key`, expression['key'], keyError));
  }
  values.forEach((value, index) => {
    const error = labelValueError(String(value));
    if (error !== undefined) {
      errors.push(invalid(`${field}.values[${index}]`, value, error));
    }
  });
  return errors;
}

/** A workload's own selector: there, not empty, and matching the labels of its template. `what` names the kind in the text. */
export function validateWorkloadSelector(spec: JsonMap, what: string): FieldError[] {
  const labels = asMap(asMap(asMap(spec['template'])['metadata'])['labels']) as Record<string, string>;
  const mismatch = invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
  if (spec['selector'] === undefined) {
    return [required('spec.selector'), mismatch];
  }
  const selector = asMap(spec['selector']);
  const errors = validateSelector('spec.selector', selector);
  if (Object.keys(asMap(selector['matchLabels'])).length === 0 && asList(selector['matchExpressions']).length === 0) {
    return [...errors, invalid('spec.selector', selector, `empty selector is invalid for ${what}`)];
  }
  // A malformed selector has its own errors, and would throw when asked to match.
  return errors.length > 0 || labelsMatch(selector, labels) ? errors : [mismatch];
}
