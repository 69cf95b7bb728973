/** The cluster of a person who does this job: a manifest of manifests/, in a namespace of its own. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { number, text } from '../../../lib/core/values/read.ts';
import { NAMESPACES } from '../../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../../lib/ports.ts';
import { readManifest, resourceOf } from '../../../sandbox/start/apply-manifest.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { Stage } from '../stage/stage.ts';

export const manifestFile = (name: string): string => join(import.meta.dirname, 'manifests', `${name}.yaml`);

export const objectsOf = async (name: string): Promise<KubeObject[]> =>
  readManifest(await readFile(manifestFile(name), 'utf8'), name);

/** Creates the objects of a manifest in the Stage's namespace. */
export async function addObjects(kube: Kube, namespace: string, objects: readonly KubeObject[]): Promise<void> {
  // A pod that is older than its Service gets no readiness gate.
  const first = objects.filter(({ kind }) => kind === 'Service');
  for (const object of [...first, ...objects.filter((each) => !first.includes(each))])
    await kube.create(resourceOf(object), object, { namespace });
}

/** The case's cluster as its owner has it: every pod ready, every Service bound. `replicas`: 0 where no pod can be made; `as`: another namespace, where two tests play one manifest. */
export async function openCase(
  t: { after(done: () => Promise<void>): void },
  cluster: E2eCluster,
  name: string,
  { replicas, as = name }: { replicas?: number; as?: string } = {},
): Promise<Stage> {
  const stage = new Stage(cluster, `case-${as}`);
  t.after(() => stage.close());
  const { namespace } = stage;
  await cluster.kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const objects = await objectsOf(name);
  await addObjects(cluster.kube, namespace, objects);
  const set = objects.find(({ kind }) => kind === 'StatefulSet');
  await stage.settled(replicas ?? number(set, 'spec', 'replicas') ?? 1);
  return stage;
}

/** Runs a verb that has to be refused by this rule; answers what it printed. */
export async function refused(stage: Stage, rule: string, ...words: string[]): Promise<string> {
  const ran = await stage.run(words);
  assert.equal(ran.code, 4, `${words.join(' ')} ended with ${ran.code}:\n${ran.stderr}`);
  assert.match(ran.stderr, new RegExp(`^ {2}${rule}: `, 'm'));
  return ran.stderr;
}

/** Every finding of `check`, one line each, as soon as none is a FAIL. */
export async function checked(stage: Stage, target: string): Promise<string> {
  let said = '';
  await stage.until('nothing fails', async () => {
    const { code, stdout } = await stage.run(['check', target, '-o', 'wide']);
    said = stdout;
    return code === 0;
  });
  return oneLineEach(said);
}

/** Findings whose lines were broken, each in one line again. */
export const oneLineEach = (findings: string): string => findings.replaceAll(/\n {8}(?!cure:)/g, ' ');

/** As `kubectl set image` does it. */
export async function setImage(stage: Stage, set: KubeObject, image: string): Promise<void> {
  const container = text(set, 'spec', 'template', 'spec', 'containers', 0, 'name');
  const patch = { spec: { template: { spec: { containers: [{ name: container, image }] } } } };
  await stage.cluster.kube.patch(resourceOf(set), set.metadata.name, patch, {
    type: 'strategic',
    namespace: stage.namespace,
  });
}
