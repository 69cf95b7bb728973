/** Reads the files of deploy/ as the cluster and the cloud would. */
import { readFile } from 'node:fs/promises';
import { loadAll } from 'js-yaml';
import { type AccessRole, REQUIRED_ACCESS } from '../../lib/core/safety/required-access.ts';
import { list, text } from '../../lib/core/values/read.ts';
import type { KubeObject } from '../../lib/ports.ts';

const DEPLOY = new URL('../../deploy/', import.meta.url);

export async function rbacObjects(): Promise<KubeObject[]> {
  const documents: unknown[] = loadAll(await readFile(new URL('rbac.yaml', DEPLOY), 'utf8'));
  return documents.filter((document): document is KubeObject => document !== null && document !== undefined);
}

export async function camPolicy(): Promise<unknown> {
  return JSON.parse(await readFile(new URL('cam-policy.json', DEPLOY), 'utf8'));
}

/** `GROUP/RESOURCE[/SUBRESOURCE] VERB [NAMES]` of every permission that a role grants, sorted. */
export function grantsOf(role: KubeObject): string[] {
  const texts = (rule: unknown, key: string): string[] => list(rule, key).map(String);
  return list(role, 'rules')
    .flatMap((rule) =>
      texts(rule, 'apiGroups').flatMap((group) =>
        texts(rule, 'resources').flatMap((resource) =>
          texts(rule, 'verbs').map((verb) =>
            `${group}/${resource} ${verb} ${texts(rule, 'resourceNames').join(',')}`.trim(),
          ),
        ),
      ),
    )
    .sort();
}

/** The same of the list that `check` asks about. */
export function wantedBy(roles: readonly AccessRole[], surroundings: boolean): string[] {
  return REQUIRED_ACCESS.filter(
    ({ role, where }) =>
      (surroundings && where !== undefined) || (!surroundings && where === undefined && roles.includes(role)),
  )
    .flatMap(({ group, resource, subresource, verbs, names }) =>
      verbs.map((verb) =>
        `${group}/${resource}${subresource === undefined ? '' : `/${subresource}`} ${verb} ${names?.join(',') ?? ''}`.trim(),
      ),
    )
    .sort();
}

export const named = (objects: readonly KubeObject[], name: string): KubeObject => {
  const found = objects.find((object) => object.metadata.name === name);
  if (found === undefined)
    throw new Error(
      `deploy/rbac.yaml has no ${name}: ${objects.map((each) => text(each, 'metadata', 'name')).join(', ')}`,
    );
  return found;
};
