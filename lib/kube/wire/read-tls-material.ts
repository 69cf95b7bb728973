import { ConnectionError } from '../../core/errors.ts';
import { systemErrorText } from '../../core/values/system-error.ts';
import type { TlsMaterial } from '../../net/tls-material.ts';
import { readBytes } from '../../read-file.ts';
import type { ConnectionPlan } from '../config/connection-plan.ts';

/** The parts that were read, and the problems with the others, in kubectl's words; the caller refuses on any problem. */
export interface ReadTlsMaterial {
  material: TlsMaterial;
  problems: string[];
}

/**
 * Reads CA, client certificate and key of the plan. Inline data wins over files, as in client-go.
 */
export async function readTlsMaterial(plan: ConnectionPlan): Promise<ReadTlsMaterial> {
  const { cluster, user, clusterName, userName } = plan;
  const problems: string[] = [];
  const read = async (data: string | undefined, file: string | undefined, what: string) => {
    if (data !== undefined) return Buffer.from(data, 'base64');
    if (file === undefined) return undefined;
    return await readBytes(file).catch((error: NodeJS.ErrnoException) => {
      problems.push(`unable to read ${what} due to open ${file}: ${wordsOf(error)}`);
      return undefined;
    });
  };
  const caFile = cluster.certificateAuthority;
  const ca = await read(cluster.certificateAuthorityData, caFile, `certificate-authority ${caFile} for ${clusterName}`);
  const certFile = user.clientCertificate;
  const cert = await read(user.clientCertificateData, certFile, `client-cert ${certFile} for ${userName}`);
  const key = await read(user.clientKeyData, user.clientKey, `client-key ${user.clientKey} for ${userName}`);
  const material: TlsMaterial = {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(cluster.tlsServerName && { servername: cluster.tlsServerName }),
    ...(cluster.insecureSkipTlsVerify && { rejectUnauthorized: false }),
  };
  return { material, problems };
}

/** Refuses a CA beside skip-verify, and a CA that is not PEM, as client-go does when it builds the connection (rest, TLSConfigFor). */
export function refuseUnusableCa({ ca, rejectUnauthorized }: TlsMaterial, clusterName: string): void {
  if (ca === undefined) return;
  if (rejectUnauthorized === false) {
    throw new ConnectionError('error: specifying a root certificates file with the insecure flag is not allowed', {
      hint: `cluster "${clusterName}" has both certificate-authority and insecure-skip-tls-verify; drop one of them`,
    });
  }
  if (!ca.includes('-----BEGIN')) {
    throw new ConnectionError('error: unable to load root certificates: unable to parse bytes as PEM block', {
      hint: `certificate-authority of cluster "${clusterName}" must be PEM`,
    });
  }
}

function wordsOf(error: NodeJS.ErrnoException): string {
  const { code } = error;
  const words: Record<string, string> = { ENOENT: 'no such file or directory', EACCES: 'permission denied' };
  return words[code ?? ''] ?? systemErrorText(error);
}
