/** The variables of a container, as a kubelet puts them there (Kubernetes: core/v1 EnvVar, EnvFromSource). */
import { field, list, text, texts } from '../../../../lib/core/values/read.ts';
import type { Kube, KubeObject, Resource } from '../../../../lib/ports.ts';

export const SECRETS: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true };

/** `env` and `envFrom`: values, fields of the pod, keys of Secrets, and whole Secrets. Throws on anything else. */
export async function containerVariables(
  kube: Kube,
  pod: KubeObject,
  container: unknown,
): Promise<Record<string, string>> {
  const { namespace = '' } = pod.metadata;
  const secret = async (name: string) =>
    Object.fromEntries(
      Object.entries(texts(await kube.get(SECRETS, name, { namespace }), 'data')).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString(),
      ]),
    );
  const variables: Record<string, string> = {};
  for (const source of list(container, 'envFrom'))
    Object.assign(variables, await secret(text(source, 'secretRef', 'name') ?? ''));
  for (const variable of list(container, 'env')) {
    const from = field(variable, 'valueFrom');
    const path = text(from, 'fieldRef', 'fieldPath');
    const key = text(from, 'secretKeyRef', 'key');
    const found =
      from === undefined
        ? (text(variable, 'value') ?? '')
        : path !== undefined
          ? fieldOf(pod, path)
          : key !== undefined
            ? (await secret(text(from, 'secretKeyRef', 'name') ?? ''))[key]
            : undefined;
    if (found === undefined && field(from, 'secretKeyRef', 'optional') === true) continue;
    if (found === undefined) throw new Error(`pod ${pod.metadata.name}: no value for ${JSON.stringify(variable)}`);
    variables[text(variable, 'name') ?? ''] = found;
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
