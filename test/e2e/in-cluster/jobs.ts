/** Jobs of a stage as a person sees them: applied by kubectl, looked at until they have come far enough. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { list, text } from '../../../lib/core/values/read.ts';
import { NODES, PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject, Resource } from '../../../lib/ports.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { goToolPath } from '../cluster/tools.ts';
import { type Ran, startProgram } from '../stage/plugin.ts';
import { FAST, NEW_IMAGE, type Stage } from '../stage/stage.ts';
import { IMAGE, type PodProcesses } from './pod/pod-process.ts';
import { SECRETS } from './pod/pod-variables.ts';

const JOBS: Resource = { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job', namespaced: true };
export const KEY = 'cloud-key';

export class Jobs {
  readonly cluster: E2eCluster;
  readonly processes: PodProcesses;
  /** For the caches of kubectl. */
  readonly #home: string;

  constructor(cluster: E2eCluster, processes: PodProcesses, home: string) {
    this.cluster = cluster;
    this.processes = processes;
    this.#home = home;
  }

  kubectl(words: readonly string[], namespace = 'default'): Promise<Ran> {
    const env = { ...this.cluster.environment, HOME: this.#home };
    return startProgram(goToolPath('kubectl'), [...words, '-n', namespace], env).ended;
  }

  /** Its stdout; it has to end with exit code 0. */
  async ok(words: readonly string[], namespace = 'default'): Promise<string> {
    const ran = await this.kubectl(words, namespace);
    assert.equal(ran.code, 0, `kubectl ${words.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  }

  /** Where the API server is, as kubectl reads it. */
  async server(): Promise<URL> {
    const config = JSON.parse(await this.ok(['config', 'view', '--minify', '-o', 'json']));
    return new URL(config.clusters[0].cluster.server);
  }

  async cordon(names: readonly string[], unschedulable: boolean): Promise<void> {
    for (const name of names)
      await this.cluster.kube.patch(NODES, name, { spec: { unschedulable } }, { type: 'strategic' });
  }

  /** The manifest of an upgrade to the new image. */
  plan(stage: Stage, ...words: string[]): Promise<{ job: string; file: string }> {
    return this.planAsIs(stage, '--image', `nginx=${NEW_IMAGE}`, ...words);
  }

  /** The manifest of an upgrade without a new image. */
  async planAsIs(stage: Stage, ...words: string[]): Promise<{ job: string; file: string }> {
    const planned = await stage.ok(
      ...['plan', 'nginx', '-o', 'job', '--job-image', IMAGE, '--job-secret', KEY],
      ...[...FAST, ...words],
    );
    const file = join(stage.home, 'upgrade.yaml');
    await writeFile(file, planned.stdout);
    const objects = loadAll(planned.stdout) as KubeObject[];
    return { job: objects.find(({ kind }) => kind === 'Job')?.metadata.name ?? '', file };
  }

  /** With the cloud key's Secret beside it; first judged by the server alone, which keeps nothing then. */
  async apply(stage: Stage, file: string): Promise<void> {
    await this.putKey(stage);
    const judged = await this.ok(['apply', '--dry-run=server', '-f', file], stage.namespace);
    const objects = loadAll(await readFile(file, 'utf8'));
    assert.equal(judged.match(/created \(server dry run\)/g)?.length, objects.length, judged);
    await this.ok(['apply', '-f', file], stage.namespace);
  }

  /** The cloud key's Secret. */
  async putKey(stage: Stage): Promise<void> {
    const { KUBECONFIG: _, ...cloud } = this.cluster.environment;
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: KEY }, stringData: cloud };
    await this.cluster.kube.create(SECRETS, secret, { namespace: stage.namespace });
  }

  async start(stage: Stage, ...words: string[]): Promise<string> {
    const { job, file } = await this.plan(stage, ...words);
    await this.apply(stage, file);
    return job;
  }

  get(stage: Stage, job: string): Promise<KubeObject> {
    return this.cluster.kube.get(JOBS, job, { namespace: stage.namespace });
  }

  async podsOf(stage: Stage, job: string): Promise<KubeObject[]> {
    const ofJob = { namespace: stage.namespace, labelSelector: `job-name=${job}` };
    return (await this.cluster.kube.list(PODS, ofJob)).items;
  }

  /** Waits for the pod that runs now. */
  async runningPod(stage: Stage, job: string): Promise<KubeObject> {
    let running: KubeObject | undefined;
    const look = async () => {
      running = (await this.podsOf(stage, job)).find(
        (pod) => text(pod, 'status', 'phase') === 'Running' && pod.metadata.deletionTimestamp === undefined,
      );
      return running !== undefined;
    };
    await stage.until(`a pod of ${job} runs`, look, 60_000);
    return running ?? assert.fail(this.log());
  }

  async hasBecome(stage: Stage, job: string, condition: 'Complete' | 'Failed'): Promise<boolean> {
    return list(await this.get(stage, job), 'status', 'conditions').some(
      (each) => text(each, 'type') === condition && text(each, 'status') === 'True',
    );
  }

  untilIt(stage: Stage, job: string, condition: 'Complete' | 'Failed'): Promise<void> {
    return this.#until(stage, `${job} is ${condition}`, () => this.hasBecome(stage, job, condition));
  }

  async gateways(stage: Stage): Promise<KubeObject[]> {
    return (await stage.pods()).filter(({ metadata }) => /^nginx-\d+$/.test(metadata.name));
  }

  /** How many gateways have the new image. */
  async updated(stage: Stage): Promise<number> {
    const pods = await this.gateways(stage);
    return pods.filter((pod) => text(pod, 'spec', 'containers', 0, 'image') === NEW_IMAGE).length;
  }

  untilUpdated(stage: Stage, job: string, count: number): Promise<void> {
    return this.#until(stage, `${count} pods updated by ${job}`, async () => {
      assert.ok(!(await this.hasBecome(stage, job, 'Failed')), 'the Job has failed');
      return (await this.updated(stage)) >= count;
    });
  }

  /** A failure shows what the Job's pods wrote. */
  async #until(stage: Stage, what: string, look: () => Promise<boolean>): Promise<void> {
    try {
      await stage.until(what, look, 240_000);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}\n${this.log()}`);
    }
  }

  /** Everything that every pod of every Job has written. */
  log(): string {
    return [...this.processes.logs].map(([pod, lines]) => [pod, ...lines].join('\n')).join('\n\n');
  }
}
