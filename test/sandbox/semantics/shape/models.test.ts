/** The list of models that the shapes are read from. UPDATE_GOLDEN=1 writes it anew, after an update of @kubernetes/client-node. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CATALOGUE } from '../../../../sandbox/apiserver/catalogue.ts';
import { plainName } from '../../../../sandbox/semantics/shape/field-types.ts';

const LIST = join(import.meta.dirname, '../../../../sandbox/semantics/shape/models.ts');
const FOLDER = join(dirname(fileURLToPath(import.meta.resolve('@kubernetes/client-node'))), 'gen/models');

/** Of two models of one kind, the one whose group and version are served. */
const SERVED: Readonly<Record<string, string>> = {
  Event: 'CoreV1Event',
  HorizontalPodAutoscaler: 'V2HorizontalPodAutoscaler',
};

/** Storage that nothing in a rehearsal can mount: any field of it is taken. */
const OPAQUE =
  /^V1(AWSElasticBlockStore|Azure\w+|CephFS|Cinder|FC|Flex|Flocker|GCEPersistentDisk|GitRepo|Glusterfs|ISCSI|Photon\w+|Portworx|Quobyte|RBD|ScaleIO|StorageOS|Vsphere\w+)VolumeSource$/;

interface Model {
  getAttributeTypeMap?(): readonly { type: string }[];
}

async function reach(model: string, seen: Set<string>): Promise<void> {
  if (seen.has(model) || OPAQUE.test(model)) return;
  const url = pathToFileURL(join(FOLDER, `${model}.js`)).href;
  const found = await import(url).then(
    (module: Record<string, Model>) => module[model]?.getAttributeTypeMap?.(),
    () => undefined,
  );
  if (found === undefined) return;
  seen.add(model);
  for (const { type } of found) for (const [name] of type.matchAll(/[A-Z]\w+/g)) await reach(name, seen);
}

test('the shapes are read from the models of every kind that is served and of all that is in them', async () => {
  const seen = new Set<string>();
  const builtIn = CATALOGUE.filter(({ isCustom }) => !isCustom);
  for (const { kind } of builtIn) await reach(SERVED[kind] ?? `V1${kind}`, seen);
  const lines = [...seen]
    .sort()
    .map((model) => `export { ${model} } from '@kubernetes/client-node/dist/gen/models/${model}.js';`);
  const head =
    '/** Every model that an object of a served kind is made of. Written by UPDATE_GOLDEN=1 and test/sandbox/semantics/shape/models.test.ts. */';
  const wanted = `${head}\n${lines.join('\n')}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(LIST, wanted);
  // Biome has an order of its own.
  const inOrder = (text: string) => text.split('\n').sort();
  assert.deepEqual(inOrder(await readFile(LIST, 'utf8')), inOrder(wanted));
  for (const { kind } of builtIn)
    assert.ok(
      [...seen].some((model) => plainName(model) === kind),
      kind,
    );
});
