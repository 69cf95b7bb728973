import { ConnectionError } from '../../core/errors.ts';
import { text } from '../../core/values/read.ts';
import { FOREIGN_ANSWER_HINT, firstWords } from '../wire/foreign-answer.ts';

/** A JSON object out of a good answer. Throws ConnectionError with the first words of anything else. */
export function parseObject(body: string, request: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Reported below.
  }
  throw new ConnectionError(
    `Unable to connect to the server: ${request} brought no JSON object: ${firstWords(body) || 'nothing'}`,
    { hint: FOREIGN_ANSWER_HINT, retryable: true },
  );
}

/**
 * An object of another name, namespace or kind than was asked for is an answer to another question. A field that the object does not
 * have is not compared. Throws ConnectionError.
 */
export function mustBe(
  object: Record<string, unknown>,
  asked: { kind?: string; name?: string; namespace?: string | undefined },
  request: string,
): void {
  const said = {
    kind: text(object, 'kind'),
    name: text(object, 'metadata', 'name'),
    namespace: text(object, 'metadata', 'namespace'),
  };
  const other = (['kind', 'name', 'namespace'] as const).find(
    (key) => asked[key] !== undefined && said[key] !== undefined && said[key] !== asked[key],
  );
  if (other === undefined) return;
  throw new ConnectionError(
    `Unable to connect to the server: ${request} was asked for ${other} ${asked[other]} and brought ${other} ${said[other]}`,
    { hint: FOREIGN_ANSWER_HINT, retryable: true },
  );
}
