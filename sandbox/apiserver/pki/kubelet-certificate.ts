import { openAuthority } from './authority.ts';
import type { KeyPair } from './certificate.ts';

/**
 * A serving certificate for a kubelet on loopback, signed by the authority of the API server's `stateDir`.
 * `ca` is what the kubelet verifies the API server's client certificate against.
 */
export async function issueKubeletCertificate(
  stateDir: string,
  options: { nodeName?: string; hosts?: readonly string[] } = {},
): Promise<KeyPair & { ca: string }> {
  const authority = await openAuthority(stateDir);
  const nodeName = options.nodeName ?? 'sandbox-node';
  const hosts = ['localhost', '127.0.0.1', '::1', nodeName, ...(options.hosts ?? [])];
  const pair = await authority.issueServer(`system:node:${nodeName}`, hosts, ['system:nodes']);
  return { ...pair, ca: authority.certificate };
}
