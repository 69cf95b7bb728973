/** The volumes of a pod as folders of this machine: empty ones, Secrets, and the service account's. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { field, list, text, texts } from '../../../../lib/core/values/read.ts';
import type { Kube, KubeObject } from '../../../../lib/ports.ts';
import { type ServiceAccountFolder, serviceAccountFolder } from './account-folder.ts';
import { SECRETS } from './pod-variables.ts';

/** One mount of a container. */
export interface Mount {
  source: string;
  target: string;
}

export interface PodVolumes {
  /** Of one container, in the order of its manifest. Throws for a volume of another kind. */
  mountsOf(container: unknown): Promise<Mount[]>;
  /** A new token in the place of the one that the pod has; nothing where it has none. */
  rotate(): Promise<void>;
  remove(): Promise<void>;
}

/** One for all containers of a pod. A folder is made when the first container asks for it. */
export async function podVolumes(kube: Kube, pod: KubeObject): Promise<PodVolumes> {
  const { name, namespace = '' } = pod.metadata;
  const root = await mkdtemp(join(tmpdir(), 'zeroloss-volumes-'));
  await chmod(root, 0o755);
  const made = new Map<string, Promise<string>>();
  let account: ServiceAccountFolder | undefined;

  const make = async (volume: string): Promise<string> => {
    const wanted = list(pod, 'spec', 'volumes').find((each) => text(each, 'name') === volume);
    const path = join(root, volume);
    await mkdir(path);
    // Any user of the pod writes into an empty one (Kubernetes: emptyDir).
    await chmod(path, 0o777);
    if (field(wanted, 'emptyDir') !== undefined) return path;
    if (field(wanted, 'projected') !== undefined) {
      account = await serviceAccountFolder(kube, pod);
      return account.path;
    }
    const secret = text(wanted, 'secret', 'secretName');
    if (secret === undefined) throw new Error(`pod ${name}: volume ${volume} is of no kind that is known here`);
    const data = texts(await kube.get(SECRETS, secret, { namespace }), 'data');
    const items = list(wanted, 'secret', 'items').map((item) => [text(item, 'key'), text(item, 'path')] as const);
    for (const [key = '', file = ''] of items.length > 0 ? items : Object.keys(data).map((each) => [each, each]))
      await writeFile(join(path, file), Buffer.from(data[key] ?? '', 'base64'), { mode: 0o644 });
    return path;
  };
  const folderOf = (volume: string): Promise<string> => {
    const folder = made.get(volume) ?? make(volume);
    made.set(volume, folder);
    return folder;
  };

  return {
    mountsOf: async (container) => {
      const mounts: Mount[] = [];
      for (const mount of list(container, 'volumeMounts')) {
        const folder = await folderOf(text(mount, 'name') ?? '');
        const source = join(folder, text(mount, 'subPath') ?? '.');
        // A folder inside an empty one comes into being when it is mounted (Kubernetes: subPath).
        await mkdir(source, { recursive: true });
        if (source !== folder) await chmod(source, 0o777);
        mounts.push({ source, target: text(mount, 'mountPath') ?? '' });
      }
      return mounts;
    },
    rotate: async () => account?.rotate(),
    remove: async () => {
      await account?.remove();
      await rm(root, { recursive: true, force: true });
    },
  };
}
