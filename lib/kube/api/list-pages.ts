import { ConnectionError, StatusError } from '../../core/errors.ts';
import { text } from '../../core/values/read.ts';
import { MIB } from '../../net/read-body.ts';
import type { KubeList, KubeObject, ListOptions, Resource } from '../../ports.ts';
import { mustBe, parseObject } from './kube-answer.ts';
import { namedObject } from './object-shape.ts';
import { queryString } from './paths.ts';
import type { Transport } from './transport.ts';

/** kubectl's chunk size. */
const PAGE_SIZE = 500;
/** A page of pods has about 10 MiB, with very long specs ten times that. */
const PAGE_BYTES = 256 * MIB;
/** A list that expires this often between two pages is changing too fast, or the server is broken. */
const MAX_RESTARTS = 5;

/** Every page of a list, as of one resourceVersion. A continue token that expired (410) starts the list afresh. */
export async function listAll(
  transport: Transport,
  resource: Resource,
  path: string,
  options: ListOptions,
): Promise<KubeList> {
  for (let restart = 0; ; restart += 1) {
    try {
      return await listOnce(transport, resource, path, options);
    } catch (error) {
      const expired = error instanceof StatusError && error.httpStatus === 410;
      if (!expired || restart >= MAX_RESTARTS) throw error;
    }
  }
}

async function listOnce(
  transport: Transport,
  resource: Resource,
  path: string,
  options: ListOptions,
): Promise<KubeList> {
  const items: KubeObject[] = [];
  let next: string | undefined;
  for (;;) {
    const query = queryString({
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      limit: String(PAGE_SIZE),
      continue: next,
    });
    const request = { method: 'GET', path: path + query, signal: options.signal, maxBytes: PAGE_BYTES } as const;
    const page = parseObject(await transport.text(request), `GET ${path}`);
    if (!Array.isArray(page['items']) && page['items'] !== null) {
      throw new ConnectionError(
        `Unable to connect to the server: GET ${path} brought no list, but kind ${page['kind']}`,
      );
    }
    mustBe(page, { kind: `${resource.kind}List` }, `GET ${path}`);
    const namespace = resource.namespaced && options.namespace !== '*' ? options.namespace : undefined;
    for (const each of (page['items'] ?? []) as unknown[]) {
      const item = namedObject(each, `GET ${path}`);
      mustBe({ ...item }, { kind: resource.kind, namespace }, `GET ${path}`);
      items.push(withType(item, resource));
    }
    next = text(page, 'metadata', 'continue') || undefined;
    if (next === undefined) {
      const resourceVersion = text(page, 'metadata', 'resourceVersion');
      return { metadata: resourceVersion === undefined ? {} : { resourceVersion }, items };
    }
  }
}

/** Items of a list come without apiVersion and kind; we put them back, so that an object reads the same from everywhere. */
function withType(item: KubeObject, { group, version, kind }: Resource): KubeObject {
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind, ...item };
}
