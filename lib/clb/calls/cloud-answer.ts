/**
 * Reading of the cloud's answers. The API declares every field optional and sends null for many lists, so an answer is taken as
 * unknown data: what a caller needs and does not find is an error, never an empty success.
 */
import { CloudError } from '../../core/errors.ts';

/** One JSON object of an answer. */
export type AnswerObject = Readonly<Record<string, unknown>>;

/** A CloudError for an answer whose shape cannot be trusted. */
export function malformed(what: string, cause?: unknown): CloudError {
  return new CloudError('MalformedAnswer', `the cloud's answer cannot be understood: ${what}`, {
    hint: 'nothing was concluded from it; run the command again, with -v 8 to see the answer',
    cause,
  });
}

export const isObject = (value: unknown): value is AnswerObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The list of objects under `key`; undefined when it is null or absent. Throws CloudError on anything else. */
export function optionalObjects(answer: AnswerObject, key: string): readonly AnswerObject[] | undefined {
  const value = answer[key];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every(isObject)) throw malformed(`${key} is not a list of objects`);
  return value;
}

/** As optionalRecords, but the list must be there; `of` says where in the answer, for the error. */
export function requiredObjects(answer: AnswerObject, key: string, of: string): readonly AnswerObject[] {
  const list = optionalObjects(answer, key);
  if (list === undefined) throw malformed(`${of} has no ${key}`);
  return list;
}

/** The list of texts under `key`; undefined when it is null or absent. Throws CloudError on anything else. */
export function optionalTexts(answer: AnswerObject, key: string): readonly string[] | undefined {
  const value = answer[key];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) {
    throw malformed(`${key} is not a list of texts`);
  }
  return value;
}

/** A non-empty text, or undefined. */
export function optionalText(answer: AnswerObject, key: string): string | undefined {
  const value = answer[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function requiredText(answer: AnswerObject, key: string, of: string): string {
  const text = optionalText(answer, key);
  if (text === undefined) throw malformed(`${of} has no ${key}`);
  return text;
}

/** A finite number, or undefined. */
export function optionalNumber(answer: AnswerObject, key: string): number | undefined {
  const value = answer[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function requiredNumber(answer: AnswerObject, key: string, of: string): number {
  const number = optionalNumber(answer, key);
  if (number === undefined) throw malformed(`${of} has no number ${key}`);
  return number;
}

/**
 * An answer that repeats what it was asked for, and differently, answers another question. `asked` may be absent from it.
 * Numbers may come as texts. Throws CloudError.
 */
export function mustRepeat(answer: AnswerObject, key: string, asked: string | number, of: string): void {
  const said = answer[key];
  if (said === undefined || said === null) return;
  const isText = typeof said === 'string' || typeof said === 'number';
  if (isText && `${said}`.toLowerCase() === `${asked}`.toLowerCase()) return;
  throw malformed(`${of} was asked for ${key} ${asked} and answered for ${JSON.stringify(said)}`);
}
