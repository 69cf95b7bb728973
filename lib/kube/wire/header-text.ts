import { type OutgoingHttpHeaders, validateHeaderValue } from 'node:http';
import { ConnectionError } from '../../core/errors.ts';

/** Text as a header value: Node writes each character as one byte (latin1), and Go reads the bytes as UTF-8. */
export const headerValue = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** The text of a header value that came over the wire; bytes that are no UTF-8 stay what Node made of them. */
export function headerText(value: string): string {
  const text = Buffer.from(value, 'latin1').toString('utf8');
  return text.includes('\u{FFFD}') ? value : text;
}

/** Throws ConnectionError in Go's words for a value that no header can carry, such as one with a line break; the value is not shown. */
export function refuseUnsendable(headers: OutgoingHttpHeaders): void {
  for (const [name, value] of Object.entries(headers)) {
    for (const each of [value ?? []].flat()) {
      try {
        validateHeaderValue(name, String(each));
      } catch (cause) {
        throw new ConnectionError(
          `Unable to connect to the server: net/http: invalid header field value for "${name}"`,
          {
            hint: 'it holds a line break or another character that HTTP cannot carry: look at the token of this user, and at --as',
            cause,
          },
        );
      }
    }
  }
}
