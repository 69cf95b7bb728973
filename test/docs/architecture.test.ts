import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const PAGE = readFileSync('docs/dev/architecture.md', 'utf8');

/** Folders and files that stand in backticks: `lib/core/zero`, `cmd/commands.ts`; `lib/sources/*` is its folder. */
const named = [...PAGE.matchAll(/`((?:lib|cmd|sandbox|scripts|test)\/[\w./*-]*)`/g)].map(([, path = '']) =>
  path.replace(/\/\*?$/, ''),
);

/** Rows `| \`lib/kube\` | 55 | 3,391 | 52 | 3,437 |` of the table of sizes. */
const sizes = [...PAGE.matchAll(/^\| `([\w/]+)` \| [\d,]+ \| [\d,]+ \| ([\d,]+) \| ([\d,]+) \|$/gm)].map(
  ([, part = '', files = '', lines = '']) => ({ part, files: count(files), lines: count(lines) }),
);

function count(text: string): number {
  return Number(text.replaceAll(',', ''));
}

test('every room of cmd, lib, lib/core, lib/flows and lib/kube is named there', () => {
  const rooms = ['cmd', 'lib', 'lib/core', 'lib/flows', 'lib/kube'].flatMap((floor) =>
    readdirSync(floor, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${floor}/${name}`),
  );
  const isNamed = (room: string): boolean =>
    named.some((path) => path === room || path.startsWith(`${room}/`)) ||
    PAGE.includes(`\`…/${room.split('/').at(-1)}\``);
  assert.deepEqual(
    rooms.filter((room) => !isNamed(room)),
    [],
  );
});

test('the sizes that it shows are those of today, to a tenth', () => {
  assert.ok(sizes.length >= 15);
  for (const { part, files, lines } of sizes) {
    const now = globSync(`${part}/**/*.{ts,cjs}`);
    const nowLines = now.reduce((sum, file) => sum + readFileSync(file, 'utf8').split('\n').length - 1, 0);
    assert.ok(Math.abs(now.length - files) <= Math.max(3, now.length / 10), `${part}: ${now.length} files`);
    assert.ok(Math.abs(nowLines - lines) <= Math.max(100, nowLines / 10), `${part}: ${nowLines} lines`);
  }
});
