import { ConnectionError, StatusError } from '../../core/errors.ts';

/** The answers of a gateway while the API server behind it is away (RFC 9110, 15.6.3 to 15.6.5). */
const GATEWAY_STATUSES: readonly number[] = [502, 503, 504];

/** A failure of the way to the server, or of its being there: not an answer to what was asked. */
export interface Trouble {
  /** For people: `connection refused`. */
  words: string;
  /** The request never left: its effect has not happened. */
  unsent: boolean;
}

/** Undefined for an answer, and for what will not pass by itself: a wrong name or certificate, 401, 403. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof StatusError) {
    if (!GATEWAY_STATUSES.includes(error.httpStatus)) return undefined;
    return { words: `${error.httpStatus} ${error.reason}`, unsent: false };
  }
  if (!(error instanceof ConnectionError) || !error.retryable) return undefined;
  const { code = '', syscall, message = '' } = (error.cause ?? {}) as Partial<NodeJS.ErrnoException>;
  const plain = error.message.replace(/^Unable to connect to the server: /, '');
  return {
    words: WORDS[code] ?? plain,
    unsent: code === 'ECONNREFUSED' || CONNECTING.test(syscall ?? '') || HANDSHAKE.test(message),
  };
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed',
};

const CONNECTING = /^(connect|getaddrinfo)$/;
/** Node's own words for a connection that was cut before the first byte of the request could be sent. */
const HANDSHAKE = /before secure TLS connection was established/;
