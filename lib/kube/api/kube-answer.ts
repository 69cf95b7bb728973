import { ConnectionError } from '../../core/errors.ts';
import { FOREIGN_ANSWER_HINT, firstWords } from '../wire/foreign-answer.ts';

/** A JSON object out of a good answer. Throws ConnectionError with the first words of anything else. */
export function parseObject(text: string, request: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new ConnectionError(
    `Unable to connect to the server: ${request} brought no JSON object: ${firstWords(text) || 'nothing'}`,
    { hint: FOREIGN_ANSWER_HINT, retryable: true },
  );
}
