import { ConnectionError } from '../errors.ts';

const PREFIX = 'Unable to connect to the server: ';

/** Names a failed connection the way kubectl does; the system's own error stays as `cause`. */
export function connectionErrorFrom(error: unknown, url: URL): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  if (code === 'ECONNREFUSED' || aggregatedCodes(error).includes('ECONNREFUSED')) {
    return new ConnectionError(
      `The connection to the server ${url.host} was refused - did you specify the right host or port?`,
      { cause: error },
    );
  }
  const told = TOLD[code]?.(url) ?? [message];
  return new ConnectionError(`${PREFIX}${told[0]}`, { cause: error, ...(told[1] !== undefined && { hint: told[1] }) });
}

/** Node tries every address of a name and collects the failures in an AggregateError. */
function aggregatedCodes(error: unknown): string[] {
  return error instanceof AggregateError ? error.errors.map((each: { code?: string }) => each.code ?? '') : [];
}

type Telling = (url: URL) => readonly [message: string, hint?: string];

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
  ECONNRESET: (url) => [`the connection to ${url.host} was reset before the whole answer came`],
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
  ERR_TLS_CERT_ALTNAME_INVALID: (url) => [
    `tls: failed to verify certificate: x509: certificate is not valid for ${url.hostname}`,
    '--tls-server-name NAME sets the name to expect',
  ],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: () => clientCertificateRefused('remote error: tls: unknown certificate authority'),
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: () => clientCertificateRefused('remote error: tls: bad certificate'),
  ERR_SSL_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED: () =>
    clientCertificateRefused('remote error: tls: certificate required'),
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: () => clientCertificateRefused('remote error: tls: certificate required'),
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: () => clientCertificateRefused('remote error: tls: expired certificate'),
  ERR_SSL_WRONG_VERSION_NUMBER: protocolMismatch,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: protocolMismatch,
  HPE_INVALID_CONSTANT: protocolMismatch,
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: () => [
    'tls: private key does not match public key',
    'client-certificate and client-key of this user do not belong together',
  ],
};

function clientCertificateRefused(message: string): readonly [string, string] {
  return [message, "the server refused this user's client certificate; it may be expired or from another cluster"];
}
