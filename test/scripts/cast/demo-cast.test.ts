import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type CastLine, delays, renderCast, wrapped } from '../../../scripts/cast/cast-svg.ts';

const ROOT = join(import.meta.dirname, '../../..');

describe('the recording of the demo', () => {
  it('shortens pauses, keeps the order, and changes nothing else', () => {
    const lines: CastLine[] = [0, 100, 60_100, 60_200].map((atMs) => ({ atMs, text: 'x' }));
    assert.deepEqual(delays(lines), [0, 0.1, 0.7, 0.8]);
  });

  it('breaks long lines and cuts nothing', () => {
    const text = Array.from({ length: 50 }, (_, index) => `word${index}`).join(' ');
    assert.equal(
      wrapped({ atMs: 5, text })
        .map((line) => line.text)
        .join(''),
      text,
    );
    assert.deepEqual(wrapped({ atMs: 5, text: '' }), [{ atMs: 5, text: '' }]);
  });

  it('is an image without script that shows what a line holds, and nothing that a line could smuggle in', () => {
    const svg = renderCast('a "title"', [{ atMs: 0, text: '</text><script>alert(1)</script> & "more"' }]);
    assert.doesNotMatch(svg, /<script/);
    assert.match(svg, /&lt;\/text&gt;&lt;script&gt;alert\(1\)&lt;\/script&gt; &amp; &quot;more&quot;/);
    assert.match(svg, /aria-label="a &quot;title&quot;"/);
  });

  it('stands in both READMEs, with the three ways and what each lost', async () => {
    const svg = await readFile(join(ROOT, 'docs/demo.svg'), 'utf8');
    for (const way of ['rolling-update', 'plain-delete', 'zeroloss'])
      assert.match(svg, new RegExp(`>${way} +\\d+ +\\d+ `));
    assert.match(svg, />zeroloss +\d+ +0 /, 'zeroloss lost nothing');
    assert.match(svg, />rolling-update +\d+ +[1-9]/);
    for (const page of ['README.md', 'README.zh-CN.md'])
      assert.match(await readFile(join(ROOT, page), 'utf8'), /!\[[^\]]+\]\(docs\/demo\.svg\)/);
  });
});
