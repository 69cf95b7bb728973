/** The grammar of label selectors in a query (Kubernetes: labels.Parse). */

import { badRequest } from '../patch/patch-error.ts';
import { labelKeyError, labelValueError } from '../valid-names.ts';

export interface Requirement {
  key: string;
  /** In, NotIn, Exists, DoesNotExist, Gt or Lt; equality is In or NotIn with one value. */
  operator: string;
  values: readonly string[];
}

interface Scanner {
  /** The next token without taking it; '' at the end. */
  peek(): string;
  take(): string;
}

const TOKEN = /\s*(==|!=|[!=,()<>]|[^\s!=,()<>]+)/y;

const EXACT: Readonly<Record<string, string>> = { '=': 'In', '==': 'In', '!=': 'NotIn', '>': 'Gt', '<': 'Lt' };
const SET: Readonly<Record<string, string>> = { in: 'In', notin: 'NotIn' };

/** Splits and checks a selector. Throws PatchError 400 on anything malformed. */
export function parseRequirements(text: string): readonly Requirement[] {
  const scanner = scan(text);
  const requirements: Requirement[] = [];
  if (scanner.peek() === '') {
    return requirements;
  }
  for (;;) {
    requirements.push(parseRequirement(scanner));
    const next = scanner.take();
    if (next === '') {
      return requirements;
    }
    if (next !== ',') {
      throw malformed(`found '${next}', expected: ',' or 'end of string'`);
    }
    if (scanner.peek() === '') {
      throw malformed("found '', expected: identifier after ','");
    }
  }
}

function parseRequirement(scanner: Scanner): Requirement {
  const negated = scanner.peek() === '!';
  if (negated) {
    scanner.take();
  }
  const key = scanner.take();
  const error = labelKeyError(key);
  if (error !== undefined) {
    throw malformed(`found '${key}', expected: a label key; ${error}`);
  }
  if (negated) {
    return { key, operator: 'DoesNotExist', values: [] };
  }
  const next = scanner.peek();
  if (next === '' || next === ',') {
    return { key, operator: 'Exists', values: [] };
  }
  scanner.take();
  const exact = EXACT[next];
  if (exact !== undefined) {
    return { key, operator: exact, values: [exactValue(scanner, next)] };
  }
  const set = SET[next];
  if (set !== undefined) {
    return { key, operator: set, values: setValues(scanner) };
  }
  throw malformed(`found '${next}', expected: in, notin, =, ==, !=, gt, lt`);
}

function exactValue(scanner: Scanner, operator: string): string {
  // An omitted value is the empty one: `a=` asks for a label that is there and empty.
  const omitted = scanner.peek() === '' || scanner.peek() === ',';
  const value = checked(omitted ? '' : scanner.take());
  if ((operator === '>' || operator === '<') && !/^-?\d+$/.test(value)) {
    throw malformed(`for 'Gt', 'Lt' operators, the value must be an integer, found '${value}'`);
  }
  return value;
}

function setValues(scanner: Scanner): readonly string[] {
  const open = scanner.take();
  if (open !== '(') {
    throw malformed(`found '${open}' expected: '('`);
  }
  const values: string[] = [];
  for (;;) {
    const next = scanner.peek();
    values.push(next === ',' || next === ')' ? '' : checked(scanner.take()));
    const separator = scanner.take();
    if (separator === ')') {
      return values;
    }
    if (separator !== ',') {
      throw malformed(`found '${separator}', expected: ',' or ')'`);
    }
  }
}

function checked(value: string): string {
  const error = labelValueError(value);
  if (error !== undefined) {
    throw malformed(`invalid label value: "${value}": ${error}`);
  }
  return value;
}

function scan(text: string): Scanner {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const trimmed = text.trimEnd();
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed);
    if (match?.[1] === undefined) {
      break;
    }
    tokens.push(match[1]);
  }
  let position = 0;
  return {
    peek: () => tokens[position] ?? '',
    take: () => tokens[position++] ?? '',
  };
}

function malformed(detail: string) {
  return badRequest(`unable to parse requirement: ${detail}`);
}
