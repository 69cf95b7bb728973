import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { runInThisContext } from 'node:vm';
import { chunksOf, writeAssets } from '../../../scripts/build/compiled-code.ts';
import { packChunks } from '../../../scripts/build/packs.ts';
import { RECORD_FLAGS, START_FLAGS } from '../../../scripts/build/start-flags.ts';

let folder: string;
const chunks = () => join(folder, 'chunks');

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zeroloss-packs-'));
  await mkdir(join(chunks(), 'lib'), { recursive: true });
  await writeFile(
    join(chunks(), 'kubectl-zeroloss.cjs'),
    `#!/usr/bin/env node
const verb = process.argv[2];
if (verb === 'greet') require('./lib/greet.cjs').greet();
if (verb === 'fail') process.exit(3);
if (verb === 'dice') console.log(JSON.stringify(Array.from({ length: 50 }, Math.random)));`,
  );
  await writeFile(
    join(chunks(), 'lib', 'greet.cjs'),
    `exports.greet = () => require('./words.cjs').say('hello'); // ∅`,
  );
  await writeFile(join(chunks(), 'lib', 'words.cjs'), 'exports.say = (word) => console.log(word);');
  await writeFile(join(chunks(), 'lib', 'rest.cjs'), 'exports.rest = 1;');
});
after(() => rm(folder, { recursive: true, force: true }));

test('chunks that belong together lie in one script, every other one in its own, and a chunk in two lists goes to the first', async () => {
  const { scripts, packOf } = await packChunks(chunks(), {
    start: new Set(['kubectl-zeroloss.cjs', 'lib/greet.cjs']),
    cluster: new Set(['lib/greet.cjs', 'lib/words.cjs']),
  });
  assert.deepEqual(packOf, {
    'kubectl-zeroloss.cjs': 'start',
    'greet.cjs': 'start',
    'rest.cjs': 'rest.cjs',
    'words.cjs': 'cluster',
  });
  assert.deepEqual([...scripts.keys()].sort(), ['cluster', 'rest.cjs', 'start']);
});

test('a script is an object with a function per chunk, in ASCII, without the line that names an interpreter', async () => {
  const { scripts } = await packChunks(chunks(), { all: new Set(['kubectl-zeroloss.cjs', 'lib/greet.cjs']) });
  const code = scripts.get('all') ?? '';
  assert.match(code, /^[\0-\x7f]*$/);
  assert.match(code, /\\u2205/);
  const pack = runInThisContext(code) as Record<string, unknown>;
  assert.deepEqual(
    Object.entries(pack).map(([name, chunk]) => [name, typeof chunk]),
    [
      ['kubectl-zeroloss.cjs', 'function'],
      ['greet.cjs', 'function'],
    ],
  );
});

test('two chunks of one name are refused: each is found by its name, without its folder', async () => {
  const twice = join(folder, 'twice');
  await mkdir(join(twice, 'lib'), { recursive: true });
  await Promise.all(['a.cjs', 'lib/a.cjs'].map((name) => writeFile(join(twice, name), '')));
  await assert.rejects(packChunks(twice, {}), /two chunks are called a\.cjs/);
});

test('a backslash before a letter that is not ASCII is refused: escaped, it would say something else', async () => {
  const odd = join(folder, 'odd');
  await mkdir(odd);
  await writeFile(join(odd, 'a.cjs'), "exports.a = '\\∅';");
  await assert.rejects(packChunks(odd, {}), /a backslash before a letter that is not ASCII: \\∅/);
});

test('the flags at the start are none under which V8 would refuse the code that Node brings along compiled', async () => {
  const tag = async (flags: readonly string[]) =>
    (await promisify(execFile)(process.execPath, [...flags, '-p', 'v8.cachedDataVersionTag()'])).stdout;
  assert.equal(await tag(START_FLAGS), await tag([]));
  assert.notEqual(await tag([...START_FLAGS, '--no-opt']), await tag([]));
});

test('V8 accepts under the flags of a start what the build compiled under its own', async () => {
  const tag = async (flags: readonly string[]) =>
    (await promisify(execFile)(process.execPath, [...flags, '-p', 'v8.cachedDataVersionTag()'])).stdout;
  assert.equal(await tag(RECORD_FLAGS), await tag(START_FLAGS));
});

test('two builds of the same chunks compile them to the same bytes', async () => {
  const packs = await packChunks(chunks(), { start: new Set(['kubectl-zeroloss.cjs', 'lib/greet.cjs']) });
  const compiled = await Promise.all(
    ['one', 'two'].map(async (name) => {
      await writeAssets(join(folder, name), packs, [{ words: ['nothing'] }, { words: ['greet'] }]);
      return readFile(join(folder, name, 'start.compiled'));
    }),
  );
  assert.ok(compiled[0]?.length);
  assert.deepEqual(compiled[0], compiled[1]);
});

test('the chunks of a run are those that it loaded, and no others', async () => {
  const loaded = await chunksOf(chunks(), [{ words: ['nothing'] }]);
  assert.deepEqual([...loaded], ['kubectl-zeroloss.cjs']);
  const greeted = await chunksOf(chunks(), [{ words: ['greet'] }]);
  assert.deepEqual([...greeted].sort(), ['kubectl-zeroloss.cjs', 'lib/greet.cjs', 'lib/words.cjs']);
});

test('compiled code is kept of what the runs opened, and V8 takes it at the next start', async () => {
  const packs = await packChunks(chunks(), { start: new Set(['kubectl-zeroloss.cjs', 'lib/greet.cjs']) });
  // The recorder itself fails when V8 refuses what an earlier run has left, as the second one here would.
  await writeAssets(join(folder, 'assets'), packs, [
    { words: ['nothing'] },
    { words: ['greet'] },
    { words: ['greet'] },
  ]);
  const index = JSON.parse(await readFile(join(folder, 'assets', 'index.json'), 'utf8'));
  assert.deepEqual(index.compiled, ['start', 'words.cjs']);
});

test('two processes of the executable draw different numbers, although Node starts with a fixed seed', async () => {
  const assets = join(folder, 'dice');
  await writeAssets(assets, await packChunks(chunks(), {}));
  const recorder = join(import.meta.dirname, '../../../scripts/build/record-run.cjs');
  const draw = async (): Promise<number[]> =>
    JSON.parse((await promisify(execFile)(process.execPath, [...START_FLAGS, recorder, assets, 'dice'])).stdout);
  const [one, other] = [await draw(), await draw()];
  assert.ok(START_FLAGS.some((flag) => /^--random-seed=[1-9]/.test(flag)));
  assert.equal(new Set([...one, ...other]).size, 100);
  assert.ok([...one, ...other].every((number) => number >= 0 && number < 1));
});

test('a run that fails fails the build', async () => {
  const packs = await packChunks(chunks(), {});
  await assert.rejects(writeAssets(join(folder, 'failed'), packs, [{ words: ['fail'] }]), /record-run\.cjs/);
});
