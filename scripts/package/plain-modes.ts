/** File modes that do not depend on the umask of the builder: a package of files that only root may read is useless to others. */
import { chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything under `folder`: 0755 for folders and for what its owner may execute, else 0644. */
export async function plainModes(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const isExecutable = ((await stat(path)).mode & 0o100) !== 0;
    await chmod(path, isExecutable ? 0o755 : 0o644);
  }
}
