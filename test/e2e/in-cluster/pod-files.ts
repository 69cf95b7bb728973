/** The content of a pod before it starts, as a kubelet puts it there: variables, and the service account's token, CA and namespace. */
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { field, list, text, texts } from '../../../lib/core/values/read.ts';
import { CONFIG_MAPS } from '../../../lib/ports/resources.ts';
import type { Kube, KubeObject, Resource } from '../../../lib/ports.ts';

export const SECRETS: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true };
const SERVICE_ACCOUNTS: Resource = { ...SECRETS, plural: 'serviceaccounts', kind: 'ServiceAccount' };
/** The shortest life that the API server gives to a token (Kubernetes: TokenRequest). */
const TOKEN_SECONDS = 600;

/** `env` and `envFrom` of the first container: values, fields of the pod, and whole Secrets. Throws on anything else. */
export async function podVariables(kube: Kube, pod: KubeObject): Promise<Record<string, string>> {
  const namespace = pod.metadata.namespace ?? '';
  const variables: Record<string, string> = {};
  for (const source of list(pod, 'spec', 'containers', 0, 'envFrom')) {
    const secret = await kube.get(SECRETS, text(source, 'secretRef', 'name') ?? '', { namespace });
    for (const [name, value] of Object.entries(texts(secret, 'data')))
      variables[name] = Buffer.from(value, 'base64').toString();
  }
  for (const variable of list(pod, 'spec', 'containers', 0, 'env')) {
    const name = text(variable, 'name') ?? '';
    const path = text(variable, 'valueFrom', 'fieldRef', 'fieldPath');
    variables[name] = path === undefined ? (text(variable, 'value') ?? '') : fieldOf(pod, path);
  }
  return variables;
}

/** `metadata.uid`, `metadata.labels['a/b']` (Kubernetes: downward API). */
function fieldOf(pod: KubeObject, path: string): string {
  const [, map, key] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  const found = map === undefined ? field(pod, ...path.split('.')) : field(pod, 'metadata', map, key ?? '');
  if (typeof found !== 'string') throw new Error(`pod ${pod.metadata.name} has no ${path}`);
  return found;
}

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
    const name = `${pod.metadata.name}-token-${version}`;
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
