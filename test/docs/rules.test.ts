/** docs/rules.md explains every rule name that a terminal can show, and no other. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SOURCE_NAMES } from '../../cmd/flags/source-flags.ts';
import { GROUPS } from '../../lib/core/check/findings.ts';

const ROOT = join(import.meta.dirname, '../..');

/** In the first column, a row may name several. */
async function namesInPage(name = 'rules.md'): Promise<string[]> {
  const page = await readFile(join(ROOT, 'docs', name), 'utf8');
  return [...page.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
}

async function namesInCode(): Promise<Set<string>> {
  const texts = await Promise.all(
    ['lib/core', 'lib/flows'].map(async (folder) => {
      const files = await readdir(join(ROOT, folder), { recursive: true });
      const sources = files.filter((file) => file.endsWith('.ts'));
      return Promise.all(sources.map((file) => readFile(join(ROOT, folder, file), 'utf8')));
    }),
  );
  return new Set(texts.flat().flatMap(ruleNames));
}

/** Names as refusals, as findings of a group, and as the keys of what `graded` found well. */
function ruleNames(source: string): string[] {
  const groups = GROUPS.join('|');
  const refusals = source.matchAll(/\b(?:rule(?::| =)|RULE =) '([a-z-]+)'/g);
  const findings = source.matchAll(new RegExp(`\\(\\s*'(?:${groups})',\\s*'([a-z-]+)'`, 'g'));
  const graded = [...source.matchAll(/(?:graded\(|const passed\b)[\s\S]*?\n\s*\}/g)].flatMap(([text]) => [
    ...text.matchAll(/(?:^|[{\s])(?:'([a-z-]+)'|(floor)): ['`]/gm),
  ]);
  const sources = /`source-\$\{/.test(source) ? SOURCE_NAMES.map((name) => `source-${name}`) : [];
  return [...[...refusals, ...findings, ...graded].flatMap(([, a, b]) => a ?? b ?? []), ...sources];
}

describe('docs/rules.md', () => {
  it('has a row for every rule name in the code, and names no rule that the code does not have', async () => {
    const page = await namesInPage();
    assert.deepEqual([...new Set(page)].sort(), [...(await namesInCode())].sort());
  });

  it('has the same rules, in the same order, on the Chinese page', async () =>
    assert.deepEqual(await namesInPage('rules.zh-CN.md'), await namesInPage()));

  it('names no rule twice', async () => {
    const page = await namesInPage();
    assert.deepEqual(
      page.filter((name, index) => page.indexOf(name) < index),
      [],
    );
  });

  it('is read from refusals, findings and passed rules alike', () => {
    assert.deepEqual(ruleNames("return [{ rule: 'floor', message }];"), ['floor']);
    assert.deepEqual(ruleNames("warn(\n  'load balancer',\n  'health-check', text)"), ['health-check']);
    assert.deepEqual(ruleNames("graded('services', [], {\n    'annotation-parses': `well`,\n  })"), [
      'annotation-parses',
    ]);
  });
});
