import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type JobTarget, type JobWish, upgradeJob } from '../../../lib/core/job/job-manifest.ts';
import { checkpointsOf, upgradeWorkflow } from '../../../lib/core/job/workflow-manifest.ts';
import { field, list, text } from '../../../lib/core/values/read.ts';

const TARGET: JobTarget = {
  namespace: 'prod',
  pin: { uid: 'abc-1', template: '0123456789abcdef' },
  region: 'ap-guangzhou',
  reach: {
    statefulSet: 'nginx',
    pods: ['nginx-0', 'nginx-1'],
    services: ['nginx'],
    claims: false,
    exec: true,
    debugContainers: false,
    evict: false,
  },
};
const WISH: JobWish = {
  engine: 'argo',
  image: 'zeroloss:v1',
  credentials: { kind: 'secret', name: 'key' },
  words: ['--image=nginx=nginx:2', '--batch=2', '--gate-command=test $CI'],
};
const objects = upgradeWorkflow(TARGET, WISH, [2, 4]);
const workflow = objects.find(({ kind }) => kind === 'Workflow') ?? assert.fail('no Workflow');
const templates = list(workflow, 'spec', 'templates');
const template = (name: string) => templates.find((each) => text(each, 'name') === name);
const argsOf = (name: string) => list(template(name), 'container', 'args');
/** `approve-rest:approve` of the steps of a template, in their order. */
const stepsOf = (name: string) =>
  list(template(name), 'steps').flatMap((parallel) =>
    list(parallel).map((step) => `${text(step, 'name')}:${text(step, 'template')}`),
  );

describe('an upgrade as a Workflow of Argo', () => {
  it('asks a person before each batch, and each batch ends where the next question is', () => {
    assert.deepEqual(stepsOf('upgrade'), [
      'approve-up-to-2:approve',
      'up-to-2:up-to',
      'approve-up-to-4:approve',
      'up-to-4:up-to',
      'approve-rest:approve',
      'rest:rest',
    ]);
    assert.deepEqual(template('approve'), { name: 'approve', suspend: {} });
    assert.equal(argsOf('up-to').at(-1), '--pause-at={{inputs.parameters.pods}}');
    assert.ok(!argsOf('rest').some((word) => String(word).startsWith('--pause-at')));
  });

  it('pins every step to the StatefulSet and its template, and never takes a lease over', () => {
    for (const name of ['up-to', 'rest']) {
      assert.ok(argsOf(name).includes('--pin=abc-1/0123456789abcdef'), name);
      assert.ok(argsOf(name).includes('--gate-command=test $$CI'), 'the kubelet reads $$ as $');
    }
    assert.doesNotMatch(JSON.stringify(workflow), /take-over/);
    assert.match(JSON.stringify(template('rest')), /"ZEROLOSS_JOB_UID","value":"\{\{workflow\.uid\}\}"/);
  });

  it('tries again what can end otherwise, and nothing else', () => {
    for (const name of ['up-to', 'rest', 'rollback', 'upgrade-back'])
      assert.equal(
        text(template(name), 'retryStrategy', 'expression'),
        "lastRetry.exitCode not in ['2', '4', '5', '7']",
      );
  });

  it('tries again after waits that begin with a second, however long the step has lasted', () => {
    for (const name of ['up-to', 'rest', 'rollback', 'upgrade-back']) {
      const strategy = field(template(name), 'retryStrategy');
      // A maxDuration of Argo counts from the first try's start.
      assert.deepEqual(field(strategy, 'backoff'), { duration: '1s', factor: '2' });
      assert.equal(text(strategy, 'limit'), '12');
    }
  });

  it('names the program in every step: without a command Argo asks the registry, which a closed cluster does not reach', () => {
    for (const name of ['up-to', 'rest', 'rollback', 'upgrade-back'])
      assert.deepEqual(field(template(name), 'container', 'command'), ['/usr/local/bin/kubectl-zeroloss']);
  });

  it("gives its pods the account's token, which Argo only ever takes away", () => {
    const account = objects.find(({ kind }) => kind === 'ServiceAccount');
    assert.equal(field(account, 'automountServiceAccountToken'), true);
  });

  it('rolls back only where it has failed, and a person agrees: an exit handler runs when it is stopped, too', () => {
    assert.equal(text(workflow, 'spec', 'onExit'), 'way-back');
    assert.deepEqual(stepsOf('way-back'), [
      'approve-rollback:approve',
      'rollback:rollback',
      'upgrade-back:upgrade-back',
    ]);
    for (const step of list(template('way-back'), 'steps').flatMap((parallel) => list(parallel)))
      assert.equal(text(step, 'when'), '{{workflow.status}} == Failed');
    const words = [...argsOf('rollback')];
    assert.deepEqual(words.slice(words.indexOf('rollback')), ['rollback', 'nginx', '--pin=abc-1/0123456789abcdef']);
    assert.ok(!argsOf('upgrade-back').some((word) => /^--(image|restart|pin|pause-at)/.test(String(word))));
  });

  it('has no way back where the template stays as it is: a restart, a node that is emptied', () => {
    const wayBack = (...words: string[]) => {
      const objects = upgradeWorkflow(TARGET, { ...WISH, words }, [2]);
      return [text(objects.at(-1), 'spec', 'onExit') ?? '', JSON.stringify(objects).includes('rollback')];
    };
    for (const word of ['--restart=true', '--node=node-7']) assert.deepEqual(wayBack(word, '--batch=2'), ['', false]);
    for (const words of [['--image=nginx=nginx:2', '--restart=true'], ['--batch=2']])
      assert.deepEqual(wayBack(...words), ['way-back', true]);
  });

  it('names the time of a restart in every step, so that no retry begins another', () => {
    const restart = { ...TARGET, restartedAt: '2026-05-04T12:00:00Z' };
    const [job, argo] = [upgradeJob, (target: JobTarget, wish: JobWish) => upgradeWorkflow(target, wish, [2])].map(
      (make) => JSON.stringify(make(restart, { ...WISH, words: ['--restart=true'] }).at(-1)),
    );
    assert.equal(job?.split('--restarted-at=2026-05-04T12:00:00Z').length, 2);
    assert.equal(argo?.split('--restarted-at=2026-05-04T12:00:00Z').length, 3);
    // A second plan of the same restart is the same Job, which the API server then refuses to change.
    const nameAt = (restartedAt: string) =>
      upgradeJob({ ...TARGET, restartedAt }, { ...WISH, words: ['--restart=true'] }).at(-1)?.metadata.name;
    assert.equal(nameAt('2026-05-04T12:00:00Z'), nameAt('2026-05-04T12:00:09Z'));
  });

  it('may do what the Job may, read revisions, and report the end of its pods', () => {
    const rules = list(
      objects.find(({ kind }) => kind === 'Role'),
      'rules',
    );
    const resources = rules.flatMap((rule) => field(rule, 'resources'));
    assert.equal(resources.at(-1), 'workflowtaskresults');
    assert.ok(resources.includes('controllerrevisions'));
    assert.ok(rules.length > 2);
  });

  it('is another one for other questions, and the same one for the same', () => {
    const nameOf = (checkpoints: number[]) => upgradeWorkflow(TARGET, WISH, checkpoints).at(-1)?.metadata.name;
    assert.equal(nameOf([2, 4]), workflow.metadata.name);
    assert.notEqual(nameOf([3]), workflow.metadata.name);
  });
});

describe('the places at which a Workflow asks', () => {
  it('are the ends of the batches but the last, with the pods that are updated already', () => {
    assert.deepEqual(checkpointsOf([[0, 1], [2, 3], [4]], 0), [2, 4]);
    assert.deepEqual(checkpointsOf([[3, 4], [5]], 3), [5]);
    assert.deepEqual(checkpointsOf([[0]], 0), []);
    assert.deepEqual(checkpointsOf([], 4), []);
  });
});
