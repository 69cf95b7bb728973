/**
 * OpenAPI v3 with empty schemas: as much as kubectl needs to see that a kind exists and that the server checks fields
 * itself (`fieldValidation`). Without any document, apply and create with validation fail.
 */
import { createHash } from 'node:crypto';
import { CATALOGUE, type ServedResource } from '../catalogue.ts';
import { pathOf, servedGroups } from './resource-list.ts';

const PREFIX = '/openapi/v3';

/** The index, or the document of one group and version; undefined where there is none. */
export function openApiAnswer(path: string): object | undefined {
  if (path === PREFIX) return { paths: Object.fromEntries(servedGroups().map(indexEntry)) };
  const found = servedGroups().find(({ group, version }) => path === `${PREFIX}/${pathOf(group, version)}`);
  return found === undefined ? undefined : documentOf(found);
}

function indexEntry(served: { group: string; version: string }): [string, object] {
  const path = pathOf(served.group, served.version);
  const hash = createHash('sha256')
    .update(JSON.stringify(documentOf(served)))
    .digest('hex')
    .slice(0, 32)
    .toUpperCase();
  return [path, { serverRelativeURL: `${PREFIX}/${path}?hash=${hash}` }];
}

function documentOf({ group, version }: { group: string; version: string }): object {
  const resources = CATALOGUE.filter((resource) => resource.group === group && resource.version === version);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.34.0' },
    paths: Object.fromEntries(resources.flatMap(pathsOf)),
    components: { schemas: {} },
  };
}

function pathsOf(resource: ServedResource): [string, object][] {
  const { group, version, plural, kind, namespaced } = resource;
  const collection = `/${pathOf(group, version)}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`;
  const write = {
    parameters: [{ name: 'fieldValidation', in: 'query', schema: { type: 'string', uniqueItems: true } }],
    responses: { 200: { description: 'OK' } },
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
  return [
    [collection, { post: { ...write, 'x-kubernetes-action': 'post' } }],
    [
      `${collection}/{name}`,
      {
        patch: { ...write, 'x-kubernetes-action': 'patch' },
        put: { ...write, 'x-kubernetes-action': 'put' },
      },
    ],
  ];
}
