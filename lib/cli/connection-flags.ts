/** kubectl's connection flags (cli-runtime ConfigFlags), with its names and its help. */

import { UsageError } from '../core/errors.ts';
import { parseDuration } from '../core/values/duration.ts';
import type { Flags } from './arguments.ts';
import { type Completer, repeatableFlag, scalarFlag, switchFlag, textFlag } from './flag.ts';

const text = (help: string, more: { short?: string; complete?: Completer } = {}) =>
  textFlag({ help, common: true, ...more });

export const connectionFlags = {
  as: text(
    'Username to impersonate for the operation. User could be a regular user or a service account in a namespace.',
  ),
  asGroup: repeatableFlag({
    help: 'Group to impersonate for the operation, this flag can be repeated to specify multiple groups.',
    common: true,
  }),
  asUid: text('UID to impersonate for the operation.'),
  asUserExtra: repeatableFlag({
    help: 'User extras to impersonate for the operation, this flag can be repeated to specify multiple values for the same key.',
    common: true,
  }),
  certificateAuthority: text('Path to a cert file for the certificate authority'),
  clientCertificate: text('Path to a client certificate file for TLS'),
  clientKey: text('Path to a client key file for TLS'),
  cluster: text('The name of the kubeconfig cluster to use', { complete: (_, offers) => offers.clusters() }),
  context: text('The name of the kubeconfig context to use', { complete: (_, offers) => offers.contexts() }),
  disableCompression: switchFlag({
    help: 'If true, opt-out of response compression for all requests to the server',
    common: true,
  }),
  insecureSkipTlsVerify: switchFlag({
    help: "If true, the server's certificate will not be checked for validity. This will make your HTTPS connections insecure",
    common: true,
  }),
  kubeconfig: text('Path to the kubeconfig file to use for CLI requests.'),
  namespace: text('If present, the namespace scope for this CLI request', {
    short: 'n',
    complete: (_, offers) => offers.namespaces(),
  }),
  requestTimeout: scalarFlag<number>({
    shown: "'0'",
    help: "The length of time to wait before giving up on a single server request. Non-zero values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero means don't timeout requests.",
    common: true,
    absent: 0,
    parse: parseRequestTimeout,
  }),
  server: text('The address and port of the Kubernetes API server', { short: 's' }),
  tlsServerName: text(
    'Server name to use for server certificate validation. If it is not provided, the hostname used to contact the server is used',
  ),
  token: text('Bearer token for authentication to the API server'),
  user: text('The name of the kubeconfig user to use', { complete: (_, offers) => offers.users() }),
} satisfies Flags;

/** This flag alone takes a bare number, as seconds (client-go ParseTimeout). */
function parseRequestTimeout(value: string, name: string): number {
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1000;
  try {
    return parseDuration(value, name);
  } catch {
    throw new UsageError(
      `invalid argument ${JSON.stringify(value)} for "--${name}" flag: Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)`,
    );
  }
}
