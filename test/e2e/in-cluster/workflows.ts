/** Workflows of Argo as a person sees them: applied, agreed to and stopped as the command `argo` does it, and looked at. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { field, text } from '../../../lib/core/values/read.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject, Resource } from '../../../lib/ports.ts';
import { FAST, NEW_IMAGE, type Stage } from '../stage/stage.ts';
import { type Jobs, KEY } from './jobs.ts';
import { IMAGE } from './pod/pod-process.ts';

export const WORKFLOWS: Resource = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'workflows',
  kind: 'Workflow',
  namespaced: true,
};

/** A step, a try of one, or a question (Argo: NodeStatus). */
export interface WorkflowNode {
  id: string;
  name: string;
  displayName: string;
  type: string;
  phase: string;
  message: string;
  exitCode: string | undefined;
}

export class Workflows {
  readonly #jobs: Jobs;

  /** On the cluster of these Jobs. */
  constructor(jobs: Jobs) {
    this.#jobs = jobs;
  }

  /** Applies the manifest of an upgrade to the new image, as it is printed; answers the Workflow's name. */
  async start(stage: Stage, ...words: string[]): Promise<string> {
    const planned = await stage.ok(
      ...['plan', 'nginx', '-o', 'argo', '--job-image', IMAGE, '--job-secret', KEY],
      ...['--image', `nginx=${NEW_IMAGE}`, ...FAST, ...words],
    );
    const file = join(stage.home, 'workflow.yaml');
    await writeFile(file, planned.stdout);
    await this.#jobs.putKey(stage);
    await this.#jobs.ok(['apply', '-f', file], stage.namespace);
    const objects = loadAll(planned.stdout) as KubeObject[];
    return objects.find(({ kind }) => kind === 'Workflow')?.metadata.name ?? '';
  }

  get(namespace: string, name: string): Promise<KubeObject> {
    return this.#jobs.cluster.kube.get(WORKFLOWS, name, { namespace });
  }

  async nodes(namespace: string, name: string): Promise<WorkflowNode[]> {
    const nodes = (field(await this.get(namespace, name), 'status', 'nodes') ?? {}) as Record<string, object>;
    return Object.entries(nodes).map(([id, node]) => ({
      id,
      name: text(node, 'name') ?? '',
      displayName: text(node, 'displayName') ?? '',
      type: text(node, 'type') ?? '',
      phase: text(node, 'phase') ?? '',
      message: text(node, 'message') ?? '',
      exitCode: text(node, 'outputs', 'exitCode'),
    }));
  }

  /** `Succeeded: `, with the message. */
  async phase(namespace: string, name: string): Promise<string | undefined> {
    return text(await this.get(namespace, name), 'status', 'phase');
  }

  /** Waits for a question. */
  async asked(namespace: string, name: string, question: string): Promise<WorkflowNode> {
    let found: WorkflowNode | undefined;
    await this.until(namespace, name, `${name} asks ${question}`, async () => {
      const nodes = await this.nodes(namespace, name);
      found = nodes.find(
        ({ type, phase, displayName }) => type === 'Suspend' && phase === 'Running' && displayName === question,
      );
      return found !== undefined;
    });
    return found ?? assert.fail(question);
  }

  /** Answers the question that it asks, as `argo resume` does (Argo: workflow/util ResumeWorkflow). */
  async agree(namespace: string, name: string, question: string): Promise<void> {
    const { id } = await this.asked(namespace, name, question);
    const finishedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const patch = { status: { nodes: { [id]: { phase: 'Succeeded', finishedAt } } } };
    await this.#jobs.cluster.kube.patch(WORKFLOWS, name, patch, { type: 'merge', namespace });
  }

  /** As `argo stop` and `argo terminate` do (Argo: workflow/util patchShutdownStrategy). */
  async shutDown(namespace: string, name: string, shutdown: 'Stop' | 'Terminate'): Promise<void> {
    await this.#jobs.cluster.kube.patch(WORKFLOWS, name, { spec: { shutdown } }, { type: 'merge', namespace });
  }

  async podsOf(namespace: string, name: string): Promise<KubeObject[]> {
    const labelSelector = `workflows.argoproj.io/workflow=${name}`;
    return (await this.#jobs.cluster.kube.list(PODS, { namespace, labelSelector })).items;
  }

  /** Waits for its end, which has to be this one. */
  async ended(namespace: string, name: string, phase: 'Succeeded' | 'Failed'): Promise<void> {
    await this.until(namespace, name, `${name} has ended`, async () =>
      ['Succeeded', 'Failed', 'Error'].includes((await this.phase(namespace, name)) ?? ''),
    );
    assert.equal(await this.phase(namespace, name), phase, await this.#story(namespace, name));
  }

  /** A failure shows the steps, and the words of every pod. */
  async until(namespace: string, name: string, what: string, look: () => Promise<boolean>): Promise<void> {
    const deadlineMs = Date.now() + 240_000;
    while (!(await look())) {
      if (Date.now() > deadlineMs) throw new Error(`not yet: ${what}\n${await this.#story(namespace, name)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async #story(namespace: string, name: string): Promise<string> {
    const nodes = await this.nodes(namespace, name);
    const steps = nodes.map(
      (each) => `${each.displayName} ${each.type} ${each.phase} ${each.exitCode ?? ''} ${each.message}`,
    );
    const pods = (await this.podsOf(namespace, name)).map(
      ({ metadata, ...pod }) => `${metadata.name} ${JSON.stringify(field(pod, 'status', 'containerStatuses'))}`,
    );
    return [...steps, ...pods, this.#jobs.log(), ...this.#jobs.processes.others].join('\n');
  }
}
