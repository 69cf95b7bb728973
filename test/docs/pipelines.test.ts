/** The examples for pipelines: each is YAML, and each command in it is one that the program understands. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { load } from 'js-yaml';
import { field, list, text } from '../../lib/core/values/read.ts';
import { run, runLine } from '../cmd/harness.ts';
import { readPages } from './pages.ts';

/** Blocks of a page that are indented by four, as YAML, by their first line. */
function blockOf(page: string, firstLine: string): unknown {
  const block = page
    .split(/\n(?=\S)/)
    .flatMap((part) => part.split('\n\n    '))
    .map((part) => part.replace(/^ {4}/gm, ''));
  const found = block.find((part) => part.startsWith(firstLine)) ?? assert.fail(`no block begins with ${firstLine}`);
  return load(found);
}

const pages = (await readPages()).filter(({ path }) => /^docs\/in-cluster(\.zh-CN)?\.md$/.test(path));
assert.equal(pages.length, 2);

for (const { path, text: page } of pages)
  describe(`the pipelines of ${path}`, () => {
    it('of GitHub Actions are one job, whose step is a command that asks nothing', async () => {
      const job = field(blockOf(page, 'jobs:'), 'jobs', 'upgrade');
      assert.equal(text(job, 'concurrency'), 'upgrade-nginx');
      const [step] = list(job, 'steps');
      const [, words = ''] = /^kubectl zeroloss (.*)$/.exec(text(step, 'run') ?? '') ?? [];
      const { code, stderr, calls } = await runLine(words);
      assert.equal(code, 0, stderr);
      assert.equal(field(calls[0]?.intent, 'yes'), true);
    });

    it('of Tekton are one Task, whose arguments are a command that asks nothing, by every parameter that it has', async () => {
      const task = blockOf(page, 'apiVersion: tekton.dev/v1');
      assert.equal(text(task, 'kind'), 'Task');
      const given: Record<string, string> = { statefulset: 'nginx', image: 'nginx=nginx:2' };
      assert.deepEqual(
        list(task, 'spec', 'params').map((each) => text(each, 'name')),
        Object.keys(given),
      );
      const [step] = list(task, 'spec', 'steps');
      assert.deepEqual(list(step, 'command'), ['/usr/local/bin/kubectl-zeroloss']);
      const words = list(step, 'args').map((word) =>
        String(word).replaceAll(/\$\(params\.(\w+)\)/g, (_, name: string) => given[name] ?? assert.fail(name)),
      );
      const { code, stderr, calls } = await run(words);
      assert.equal(code, 0, stderr);
      assert.deepEqual(field(calls[0]?.intent, 'images'), { nginx: 'nginx:2' });
      assert.equal(field(calls[0]?.intent, 'yes'), true);
    });
  });
