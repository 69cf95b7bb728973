/** The Role that the program is shipped with: whatever it asks in a history, it asks with no other rights. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { KubeObject } from '../../../lib/ports.ts';

/** `HISTORIES_ROOT`: the folder of the project, which a bundle does not know. */
export async function rbacObjects(): Promise<KubeObject[]> {
  const root = process.env['HISTORIES_ROOT'] ?? process.cwd();
  const documents: unknown[] = loadAll(await readFile(join(root, 'deploy/rbac.yaml'), 'utf8'));
  return documents.filter((document): document is KubeObject => document !== null && document !== undefined);
}
