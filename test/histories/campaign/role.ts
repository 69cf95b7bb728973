/** The rights that the program is shipped with: whatever it asks in a history, it asks with no other rights. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { KubeObject } from '../../../lib/ports.ts';

export interface Shipped {
  /** The objects of deploy/rbac.yaml. */
  rbac: readonly KubeObject[];
  /** `service:Action`, as deploy/cam-policy.json allows them. */
  actions: ReadonlySet<string>;
}

/** `HISTORIES_ROOT`: the folder of the project, which a bundle does not know. */
export async function readShipped(): Promise<Shipped> {
  const root = process.env['HISTORIES_ROOT'] ?? process.cwd();
  const documents: unknown[] = loadAll(await readFile(join(root, 'deploy/rbac.yaml'), 'utf8'));
  const policy: { statement: { effect: string; action: string[] }[] } = JSON.parse(
    await readFile(join(root, 'deploy/cam-policy.json'), 'utf8'),
  );
  return {
    rbac: documents.filter((document): document is KubeObject => document !== null && document !== undefined),
    actions: new Set(policy.statement.flatMap(({ effect, action }) => (effect === 'allow' ? action : []))),
  };
}
