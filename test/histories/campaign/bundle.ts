/** Bundles the histories with the program into one file; a mutant is the same with one text of the program's sources replaced. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'rolldown';

export const ROOT = join(import.meta.dirname, '../../..');

/** A planted fault: in the file of that path, `from` (which must be there once) becomes `to`. */
export interface Plant {
  file: string;
  from: string;
  to: string;
}

const CRYPTO = 'histories:crypto';
const REAL_CRYPTO = 'histories:real-crypto';

/** Names that the program and the sandbox draw by chance are numbers in a row: runs of one seed are alike to the letter. */
const countedIds: Plugin = {
  name: 'counted-ids',
  resolveId(id, importer) {
    if (id === 'node:crypto' && importer?.includes('/sandbox/apiserver/') === true) return CRYPTO;
    if (id === REAL_CRYPTO) return { id: 'node:crypto', external: true };
    return null;
  },
  load(id) {
    if (id !== CRYPTO) return null;
    return `export * from '${REAL_CRYPTO}';
const count = () => { globalThis.historySerial = (globalThis.historySerial ?? 0) + 1; return globalThis.historySerial; };
export const randomUUID = () => '00000000-0000-4000-8000-' + String(count()).padStart(12, '0');
export const randomInt = (most) => (count() * 7919) % most;`;
  },
};

function planted(plants: readonly Plant[]): Plugin {
  return {
    name: 'planted',
    async load(id) {
      const here = plants.filter(({ file }) => id === join(ROOT, file));
      if (here.length === 0) return null;
      let text = await readFile(id, 'utf8');
      for (const plant of here) text = replaced(text, plant);
      return text;
    },
  };
}

/** Throws when the text that a plant replaces is not there once, and only once: the sources have moved on. */
function replaced(text: string, { file, from, to }: Plant): string {
  const times = text.split(from).length - 1;
  if (times !== 1) throw new Error(`${file}: the text to be replaced is there ${times} times: ${from}`);
  return text.replace(from, () => to);
}

/** Writes the bundle and resolves to its path. Throws when a plant does not fit the sources any more. */
export async function bundleHistories(name: string, plants: readonly Plant[] = []): Promise<string> {
  const file = join(ROOT, '.cache/histories', `${name}.mjs`);
  await build({
    cwd: ROOT,
    input: 'test/histories/campaign/child.ts',
    platform: 'node',
    transform: { target: 'node22.19', define: { ZEROLOSS_VERSION: '"0.0.0"' } },
    plugins: [countedIds, planted(plants)],
    output: { file, format: 'esm', codeSplitting: false, comments: false, sourcemap: true },
    logLevel: 'silent',
  });
  return file;
}
