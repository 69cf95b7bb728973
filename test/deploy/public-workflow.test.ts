/** The workflow for a public forge, which no forge has run yet: it holds to what this repository has. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { load } from 'js-yaml';
import { field, list, text } from '../../lib/core/values/read.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (name: string) => readFile(new URL(name, ROOT), 'utf8');

const FOLDER = '.github/workflows';
const files = await readdir(new URL(FOLDER, ROOT));
const source = await read(`${FOLDER}/test.yaml`);
const workflow: unknown = load(source);
const jobs = Object.entries(field(workflow, 'jobs') as Record<string, unknown>);
const stepsOf = (name: string) => list(field(workflow, 'jobs', name), 'steps');
const commands = (name: string) => stepsOf(name).flatMap((step) => text(step, 'run') ?? []);

describe('the workflow of a public forge', () => {
  it('is one file, and may read the sources alone', () => {
    assert.deepEqual(files, ['test.yaml']);
    assert.deepEqual(field(workflow, 'permissions'), { contents: 'read' });
    for (const [name, job] of jobs) assert.equal(field(job, 'permissions'), undefined, name);
  });

  it('runs .ci/run as root, with its own Node and Go on PATH: the tests in the cluster fail without it', () => {
    assert.ok(commands('ci').includes('sudo -E env "PATH=$PATH" bash .ci/run'));
    assert.match(source, /# As root: .*\n(?: *#.*\n)* *- run: sudo /);
  });

  it('runs no other command behind one of root, whose files the user of the runner cannot write', () => {
    assert.match(commands('ci').at(-1) ?? '', /^sudo /);
    assert.equal(commands('ci').filter((command) => command.startsWith('sudo ')).length, 1);
  });

  it('has a Node that the package takes, and a bound of time for every job', async () => {
    const { engines } = JSON.parse(await read('package.json')) as { engines: { node: string } };
    const least = Number(/^>=(\d+)/.exec(engines.node)?.[1]);
    for (const [name, job] of jobs) {
      assert.ok(Number(field(job, 'timeout-minutes')) > 0, name);
      const [node] = stepsOf(name).filter((step) => /^actions\/setup-node@/.test(text(step, 'uses') ?? ''));
      assert.ok(Number(field(node, 'with', 'node-version')) >= least, name);
    }
  });

  it('calls scripts and targets of make that there are', async () => {
    const makefiles = ['Makefile', ...(await readdir(new URL('mk', ROOT))).map((name) => `mk/${name}`)];
    const rules = (await Promise.all(makefiles.map(read))).join('\n');
    const all = jobs.flatMap(([name]) => commands(name)).join('\n');
    for (const [, target = ''] of all.matchAll(/\bmake (\S+)/g)) assert.match(rules, new RegExp(`^${target}:`, 'm'));
    for (const [, script = ''] of all.matchAll(/\bbash (\S+)/g)) assert.match(await read(script), /^#!/);
  });
});
