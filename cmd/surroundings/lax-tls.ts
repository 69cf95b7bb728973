/** The variable that makes Node verify no certificate. IDEs and CI images set it, for the whole process and every server. */
import type { Environment } from '../../lib/output/streams.ts';

export const LAX_TLS = 'NODE_TLS_REJECT_UNAUTHORIZED';

/** A warning where the variable would have turned verification off. */
export function laxTlsWarning(env: Environment): string | undefined {
  return env[LAX_TLS] === '0'
    ? `${LAX_TLS}=0 is ignored: certificates are verified, unless the kubeconfig or --insecure-skip-tls-verify turns that off for the cluster`
    : undefined;
}
