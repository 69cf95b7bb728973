/** Turns objects, lists and watch events into the JSON of the representation a client chose. */
import type { KubeObject } from '../../../../lib/ports.ts';
import { renderTable } from '../../../semantics/tables/kubectl-table.ts';
import { groupVersion, type ServedResource } from '../../catalogue.ts';
import type { Representation } from '../../http/accept.ts';
import { badRequest } from '../../http/api-error.ts';
import { jsonOfItem, jsonOfObject } from '../../store/frozen.ts';
import type { ListResult } from './list-objects.ts';

export interface View {
  resource: ServedResource;
  as: Representation;
  includeObject: 'Metadata' | 'None' | 'Object';
  nowMs: () => number;
}

/** Which part of each object a Table carries. Throws 400 on an unknown choice. */
export function parseIncludeObject(query: URLSearchParams): View['includeObject'] {
  const text = query.get('includeObject') ?? '';
  if (text === '') return 'Metadata';
  if (text === 'Metadata' || text === 'None' || text === 'Object') return text;
  throw badRequest(`unrecognized includeObject value: "${text}"; accepted: None, Metadata, Object`);
}

export function objectJson(view: View, object: KubeObject): string {
  if (view.as === 'table') return JSON.stringify(tableOfOne(view, object, true));
  if (view.as === 'metadata') return JSON.stringify(metadataOnly(object));
  return jsonOfObject(object);
}

export function listJson(view: View, { items, metadata }: ListResult): string {
  if (view.as === 'table') return JSON.stringify({ ...tableOf(view, items, true), metadata });
  if (view.as === 'metadata') {
    const list = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata };
    return JSON.stringify({ ...list, items: items.map(metadataOnly) });
  }
  const head = JSON.stringify({
    kind: `${view.resource.kind}List`,
    apiVersion: groupVersion(view.resource),
    metadata,
  });
  return `${head.slice(0, -1)},"items":[${items.map(jsonOfItem).join(',')}]}`;
}

/** Encodes one watch's events; only the first Table names its columns. */
export function watchEncoder(view: View): {
  event(type: string, object: KubeObject): string;
  bookmark(resourceVersion: number, annotations?: Record<string, string>): string;
} {
  let withColumns = true;
  const encode = (object: KubeObject): string => {
    if (view.as !== 'table') return objectJson(view, object);
    const table = JSON.stringify(tableOfOne(view, object, withColumns));
    withColumns = false;
    return table;
  };
  return {
    event: (type, object) => `{"type":"${type}","object":${encode(object)}}\n`,
    bookmark: (resourceVersion, annotations) => {
      const metadata = {
        resourceVersion: String(resourceVersion),
        ...(annotations === undefined ? {} : { annotations }),
      };
      const object = { ...bookmarkKind(view), metadata, ...(view.as === 'table' ? { rows: [] } : {}) };
      return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
    },
  };
}

function bookmarkKind({ as, resource }: View): { kind: string; apiVersion: string } {
  if (as === 'object') return { kind: resource.kind, apiVersion: groupVersion(resource) };
  return { kind: as === 'table' ? 'Table' : 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
}

const tableOf = (view: View, objects: readonly KubeObject[], withColumns: boolean): object =>
  renderTable(view.resource, objects, { nowMs: view.nowMs(), includeObject: view.includeObject, withColumns });

/** The table's version is the object's; columns that are not named are null. */
function tableOfOne(view: View, object: KubeObject, withColumns: boolean): object {
  const { resourceVersion = '' } = object.metadata;
  const columns = withColumns ? {} : { columnDefinitions: null };
  return { ...tableOf(view, [object], withColumns), metadata: { resourceVersion }, ...columns };
}

const metadataOnly = (object: KubeObject): object => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: object.metadata,
});
