import type { ConnectionPlan } from '../config/connection-plan.ts';
import type { ExecPlugin } from '../config/kubeconfig-model.ts';
import type { Identity } from './credentials.ts';

/**
 * The ExecCredential for KUBERNETES_EXEC_INFO, as JSON (client.authentication.k8s.io).
 * `provideClusterInfo` puts the cluster in, its CA as data.
 */
export function renderExecInfo(
  plugin: ExecPlugin,
  interactive: boolean,
  cluster: { plan: ConnectionPlan; server: URL; caData: string | undefined },
): string {
  const { plan, caData } = cluster;
  const info = {
    server: plan.cluster.server,
    'tls-server-name': plan.cluster.tlsServerName,
    'insecure-skip-tls-verify': plan.cluster.insecureSkipTlsVerify,
    'certificate-authority-data': caData,
    'proxy-url': plan.cluster.proxyUrl,
    'disable-compression': plan.cluster.disableCompression,
    config: plan.cluster.execConfig,
  };
  return JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: plugin.apiVersion,
    spec: { ...(plugin.provideClusterInfo && { cluster: info }), interactive },
  });
}

/**
 * Reads what the plugin printed. Throws Error in client-go's words for another API version, a missing status,
 * or a certificate without its key. An expiry that is not a time is refused.
 */
export function parseExecCredential(stdout: string, apiVersion: string): { identity: Identity; expiresAtMs: number } {
  const credential = parseJson(stdout);
  if (credential.apiVersion !== apiVersion) {
    throw new Error(
      `exec plugin is configured to use API version ${apiVersion}, plugin returned version ${credential.apiVersion ?? '""'}`,
    );
  }
  const { status } = credential;
  if (!status) throw new Error("exec plugin didn't return a status field");
  const { token, clientCertificateData: certificate, clientKeyData: key, expirationTimestamp } = status;
  if (!token && !certificate && !key) throw new Error("exec plugin didn't return a token or cert/key pair");
  if (!certificate !== !key) throw new Error('exec plugin returned only certificate or key, not both');
  const expiresAtMs = expirationTimestamp ? Date.parse(expirationTimestamp) : Number.POSITIVE_INFINITY;
  if (Number.isNaN(expiresAtMs))
    throw new Error(`exec plugin returned a bad expirationTimestamp "${expirationTimestamp}"`);
  const identity: Identity = {
    ...(token && { authorization: `Bearer ${token}` }),
    ...(certificate && key && { cert: Buffer.from(certificate), key: Buffer.from(key) }),
  };
  return { identity, expiresAtMs };
}

interface ExecCredential {
  apiVersion?: string;
  status?: {
    token?: string;
    clientCertificateData?: string;
    clientKeyData?: string;
    expirationTimestamp?: string;
  };
}

function parseJson(stdout: string): ExecCredential {
  try {
    return JSON.parse(stdout) as ExecCredential;
  } catch {
    // Its output may hold a token, so it is not quoted.
    throw new Error('decoding stdout: the exec plugin did not print JSON');
  }
}
