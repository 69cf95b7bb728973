import { ConnectionError } from '../errors.ts';

/** A JSON object out of a good answer. Throws ConnectionError with the first words of anything else. */
export function parseObject(text: string, request: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  const words = text
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 160);
  throw new ConnectionError(
    `Unable to connect to the server: ${request} brought no JSON object: ${words || 'nothing'}`,
    {
      hint: 'the answer is not from a Kubernetes API server; is there a proxy in between, or a wrong server URL?',
    },
  );
}
