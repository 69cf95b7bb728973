import { readFile } from 'node:fs/promises';
import { ConnectionError } from '../errors.ts';
import type { ConnectionPlan } from './connection-plan.ts';

/** What node:tls needs to trust the server and to present a client certificate. */
export interface TlsMaterial {
  ca?: Buffer | string[];
  cert?: Buffer;
  key?: Buffer;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/**
 * Reads CA, client certificate and key of the plan. Inline data wins over files, as in client-go.
 * Throws ConnectionError in kubectl's words for a file that cannot be read or holds no PEM.
 */
export async function readTlsMaterial(plan: ConnectionPlan): Promise<TlsMaterial> {
  const { cluster, user } = plan;
  const ca = await read(cluster.certificateAuthorityData, cluster.certificateAuthority, {
    what: 'certificate-authority',
    owner: plan.clusterName,
  });
  if (ca && !ca.includes('-----BEGIN')) {
    throw new ConnectionError('error: unable to load root certificates: unable to parse bytes as PEM block', {
      hint: `certificate-authority of cluster "${plan.clusterName}" must be PEM`,
    });
  }
  const cert = await read(user.clientCertificateData, user.clientCertificate, {
    what: 'client-cert',
    owner: plan.userName,
  });
  const key = await read(user.clientKeyData, user.clientKey, { what: 'client-key', owner: plan.userName });
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(cluster.tlsServerName && { servername: cluster.tlsServerName }),
    ...(cluster.insecureSkipTlsVerify && { rejectUnauthorized: false }),
  };
}

async function read(
  data: string | undefined,
  file: string | undefined,
  { what, owner }: { what: string; owner: string },
): Promise<Buffer | undefined> {
  if (data !== undefined) return Buffer.from(data, 'base64');
  if (file === undefined) return undefined;
  try {
    return await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT' ? 'no such file or directory' : code === 'EACCES' ? 'permission denied' : String(code);
    throw new ConnectionError(`error: unable to read ${what} ${file} for ${owner} due to open ${file}: ${why}`, {
      cause: error,
    });
  }
}
