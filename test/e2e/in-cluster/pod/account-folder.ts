/** The service account's token, CA and namespace, as a kubelet puts them into a pod. */
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from '../../../../lib/core/values/read.ts';
import { CONFIG_MAPS } from '../../../../lib/ports/resources.ts';
import type { Kube, KubeObject, Resource } from '../../../../lib/ports.ts';
import { SECRETS } from './pod-variables.ts';

const SERVICE_ACCOUNTS: Resource = { ...SECRETS, plural: 'serviceaccounts', kind: 'ServiceAccount' };
/** The shortest life that the API server gives to a token (Kubernetes: TokenRequest). */
const TOKEN_SECONDS = 600;

export interface ServiceAccountFolder {
  path: string;
  /** Puts a new token there, as a kubelet does long before the old one ends, and makes the old one worthless at once. */
  rotate(): Promise<void>;
  remove(): Promise<void>;
}

/** Written as a kubelet writes a projected volume: a folder of its own for each version, and one link that changes to it. */
export async function serviceAccountFolder(kube: Kube, pod: KubeObject): Promise<ServiceAccountFolder> {
  const { namespace = '' } = pod.metadata;
  const path = await mkdtemp(join(tmpdir(), 'zeroloss-account-'));
  // The pod's user is another than the one of this process.
  await chmod(path, 0o755);
  const authority = await kube.get(CONFIG_MAPS, 'kube-root-ca.crt', { namespace });
  let version = 0;
  let bound: KubeObject | undefined;
  const put = async (): Promise<void> => {
    version += 1;
    // A token ends with the object that it is bound to. The pod would be one, and could not be taken away for a rotation.
    const name = `token-${pod.metadata.uid}-${version}`;
    bound = await kube.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { name } }, { namespace });
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: '' },
      spec: {
        expirationSeconds: TOKEN_SECONDS,
        boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name, uid: bound.metadata.uid },
      },
    };
    const account = text(pod, 'spec', 'serviceAccountName') ?? '';
    const answer = await kube.create(SERVICE_ACCOUNTS, request, { namespace, name: account, subresource: 'token' });
    const folder = join(path, `..version-${version}`);
    await mkdir(folder);
    await writeFile(join(folder, 'token'), text(answer, 'status', 'token') ?? '', { mode: 0o644 });
    await writeFile(join(folder, 'ca.crt'), text(authority, 'data', 'ca.crt') ?? '');
    await writeFile(join(folder, 'namespace'), namespace);
    await symlink(`..version-${version}`, join(path, '..data_tmp'));
    await rename(join(path, '..data_tmp'), join(path, '..data'));
  };
  await put();
  for (const file of ['token', 'ca.crt', 'namespace']) await symlink(join('..data', file), join(path, file));
  return {
    path,
    async rotate() {
      const before = bound;
      await put();
      if (before !== undefined)
        await kube.delete(SECRETS, before.metadata.name, { namespace, uid: before.metadata.uid });
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
