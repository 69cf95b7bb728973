/** Failures of the network and of TLS in the words that people know from kubectl, with a hint for each. */

import { isIP } from 'node:net';
import { ConnectionError } from '../../core/errors.ts';

const PREFIX = 'Unable to connect to the server: ';

/** Names a failed connection the way kubectl does, and the proxy on the way; the system's own error stays as `cause`. */
export function connectionErrorFrom(error: unknown, url: URL, via?: string): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  const refused = code === 'ECONNREFUSED' || aggregatedCodes(error).includes('ECONNREFUSED');
  if (refused && via === undefined) {
    return new ConnectionError(
      `The connection to the server ${url.host} was refused - did you specify the right host or port?`,
      { cause: error, retryable: true },
    );
  }
  const telling = TOLD[code] ?? TLS_WORDS.find(([words]) => words.test(message))?.[1];
  const explained = telling?.(url, error) ?? [message.trim()];
  const through = via === undefined ? '' : `through the proxy ${via}: `;
  return new ConnectionError(`${PREFIX}${through}${explained[0]}`, {
    cause: error,
    retryable: PASSING_CODES.includes(code),
    ...(explained[1] !== undefined && { hint: explained[1] }),
  });
}

/** Node tries every address of a name and collects the failures in an AggregateError. */
function aggregatedCodes(error: unknown): string[] {
  return error instanceof AggregateError ? error.errors.map((each: { code?: string }) => each.code ?? '') : [];
}

type Telling = (url: URL, error: unknown) => readonly [message: string, hint?: string];

const unknownAuthority: Telling = () => [
  'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  "the cluster's CA in the kubeconfig is not the one that signed the server's certificate; --certificate-authority FILE names another",
];

const protocolMismatch: Telling = (url) => [
  url.protocol === 'https:' ? 'http: server gave HTTP response to HTTPS client' : 'the server did not answer in HTTP',
  'check the scheme of the server URL',
];

const TOLD: Readonly<Record<string, Telling>> = {
  ENOTFOUND: (url) => [`dial tcp: lookup ${url.hostname}: no such host`],
  EAI_AGAIN: (url) => [`dial tcp: lookup ${url.hostname}: temporary failure in name resolution`],
  ETIMEDOUT: (url) => [`dial tcp ${url.host}: i/o timeout`],
  EHOSTUNREACH: (url) => [`dial tcp ${url.host}: connect: no route to host`],
  ENETUNREACH: (url) => [`dial tcp ${url.host}: connect: network is unreachable`],
  ECONNRESET: (url) => [
    `the connection to ${url.host} was reset before the whole answer came`,
    url.protocol === 'http:'
      ? 'does this port want https?'
      : 'the server may have taken a write; running the command again is safe',
  ],
  EPIPE: (url) => [`the connection to ${url.host} was closed while the request was being sent`],
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_HAS_EXPIRED: () => [
    'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
    "the server's certificate, or the CA that signed it, is expired; compare this machine's clock too",
  ],
  CERT_NOT_YET_VALID: () => [
    'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
    "the server's certificate is not valid yet; compare this machine's clock",
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: (url, error) => [
    `tls: failed to verify certificate: x509: ${wrongName(url, error)}`,
    '--tls-server-name NAME sets the name to expect',
  ],
};

/** Of the network's own making; what TLS refuses, it refuses the next time too. */
const PASSING_CODES: readonly string[] = [
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
];

/** These failures carry their cause in OpenSSL's or the parser's words only; the code differs with the moment at which they come. */
const TLS_WORDS: readonly (readonly [RegExp, Telling])[] = [
  [/wrong version number|packet length too long|http request|Parse Error: Expected HTTP/, protocolMismatch],
  [/alert unknown ca/, clientCertificateRefused('unknown certificate authority')],
  [/alert bad certificate/, clientCertificateRefused('bad certificate')],
  [/alert certificate expired/, clientCertificateRefused('expired certificate')],
  [/alert certificate required/, clientCertificateRefused('certificate required')],
];

function clientCertificateRefused(why: string): Telling {
  return () => [
    `remote error: tls: ${why}`,
    "the server refused this user's client certificate; it may be missing, expired or from another cluster",
  ];
}

/** In Go's words (crypto/x509, HostnameError): the names of the certificate, and the one that was expected, be it by tls-server-name. */
function wrongName(url: URL, error: unknown): string {
  const { host = url.hostname, cert } = error as { host?: string; cert?: { subjectaltname?: string } };
  const expected = host.replace(/^\[|\]$/g, '');
  const kind = isIP(expected) === 0 ? 'DNS:' : 'IP Address:';
  const names = (cert?.subjectaltname ?? '')
    .split(', ')
    .flatMap((name) => (name.startsWith(kind) ? [name.slice(kind.length)] : []));
  if (names.length > 0) return `certificate is valid for ${names.join(', ')}, not ${expected}`;
  return kind === 'DNS:'
    ? `certificate is not valid for any names, but wanted to match ${expected}`
    : `cannot validate certificate for ${expected} because it doesn't contain any IP SANs`;
}
