import { PatchError } from '../patch/patch-error.ts';
import { type FieldSet, renderPaths } from './field-set.ts';
import type { ManagerEntry } from './managers.ts';

/** Fields that an apply would change and that another manager owns. */
export interface OwnedElsewhere {
  entry: ManagerEntry;
  fields: FieldSet;
}

/** 409: an apply without force would change what others own. Each field is a cause. */
export class ApplyConflict extends PatchError {
  constructor(conflicts: readonly OwnedElsewhere[]) {
    const each = conflicts.map(({ entry, fields }) => ({ owner: renderOwner(entry), paths: renderPaths(fields) }));
    super(
      409,
      'Conflict',
      renderMessage(each),
      each.flatMap(({ owner, paths }) =>
        paths.map((path) => ({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field: path })),
      ),
    );
  }
}

interface Owned {
  owner: string;
  paths: readonly string[];
}

/** The real server's words (Kubernetes: managedfields/internal/conflict.go). */
function renderMessage(conflicts: readonly Owned[]): string {
  const count = conflicts.reduce((sum, { paths }) => sum + paths.length, 0);
  const [first] = conflicts;
  if (count === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${first.owner}: ${first.paths[0]}`;
  }
  const lines = conflicts
    .toSorted((a, b) => (a.owner < b.owner ? -1 : 1))
    .flatMap(({ owner, paths }) => [`conflicts with ${owner}:`, ...paths.map((path) => `- ${path}`)]);
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`;
}

function renderOwner({ manager, operation, apiVersion, subresource }: ManagerEntry): string {
  const name = JSON.stringify(manager);
  const at = subresource === undefined || subresource === '' ? name : `${name} with subresource "${subresource}"`;
  return operation === 'Update' ? `${at} using ${apiVersion}` : at;
}
