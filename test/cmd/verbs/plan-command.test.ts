import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadAll } from 'js-yaml';
import { jobUpgradeFlags } from '../../../cmd/flags/job-flags.ts';
import type { JobWish } from '../../../lib/core/job/job-manifest.ts';
import type { UpgradePlan } from '../../../lib/core/plan/upgrade-plan.ts';
import type { World } from '../../../lib/ports.ts';
import { kubeWith, outcomeOf, type RunOptions, run } from '../harness.ts';

const step = {
  batch: 0,
  tool: 'zeroloss',
  touches: ['service/nginx'],
  ordinals: [],
  look: 'what comes of it',
} as const;
const planned: UpgradePlan = {
  version: 1,
  target: { namespace: 'prod', name: 'nginx' },
  images: { nginx: 'nginx:2' },
  batches: [[0, 1]],
  surplus: [],
  steps: [
    {
      ...step,
      tool: 'kubectl',
      words: ['set', 'image', 'statefulset/nginx', 'nginx=nginx:2'],
      touches: ['statefulset/nginx'],
    },
    { ...step, batch: 1, words: ['drain', 'nginx', '0,1'] },
    {
      ...step,
      batch: 1,
      words: ['wait-zero', 'nginx', '0,1'],
      touches: [],
      ordinals: [0, 1],
      leastMs: 30_000,
      connections: 12,
    },
    {
      ...step,
      batch: 1,
      words: ['recreate', 'nginx', '0,1'],
      touches: ['pod/nginx-0', 'pod/nginx-1'],
      ordinals: [0, 1],
      leastMs: 4_200,
    },
  ],
  leastMs: 34_200,
  connections: 12,
};
const floor = { rule: 'floor', message: 'only 1 would keep serving', override: '--min-serving' };
const answer = (more: object = {}): RunOptions => ({
  flow: () => outcomeOf({ verb: 'plan', results: [], next: [], changed: false, details: planned, ...more }),
});

describe('plan', () => {
  it('is a table of what each step touches and takes, with its sum beside it', async () => {
    const { stdout, stderr } = await run(['plan', 'nginx'], answer());
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^STEP +COMMAND +TOUCHES +TAKES +LOOK AT$/);
    assert.match(
      lines[3] ?? '',
      /^3 +kubectl zeroloss wait-zero nginx 0,1 +<none> +30s or more; 12 connections now +what/,
    );
    assert.match(lines[4] ?? '', /^4 +kubectl zeroloss recreate nginx 0,1 +pods 0,1 +5s or more +what/);
    assert.equal(stderr, '1 batch, 4 steps; 35s or more, 12 connections now on the pods to be replaced\n');
    assert.equal((await run(['plan', 'nginx', '--no-headers'], answer())).stdout.split('\n').length, 5);
  });
  it('says before its refusals that they are those of this moment', async () => {
    const { stderr, code } = await run(['plan', 'nginx'], answer({ refusals: [floor] }));
    assert.match(stderr, /right now it would be refused:\n {2}floor: only 1 .*\n {4}to override it: --min-serving\n$/);
    assert.equal(code, 0);
  });
  it('as a script names on every line cluster and user, on its own lines Services and cloud, and no credential', async () => {
    const where = [
      ...['--server=https://h:6443', '--context=c', '--as=alice', '--as-group=a', '--as-group=b', '--token=t0ken'],
      ...['--client-key=/key', '--insecure-skip-tls-verify', '--secret-id=s3cretid', '--secret-key=s3cretkey'],
      ...['--service=a,b', '--region=ap-x', '--cloud-site=intl', '--profile=p'],
    ];
    const { stdout } = await run(['plan', 'nginx', '-o', 'sh', ...where], answer());
    const lines = stdout.split('\n').filter((line) => line.startsWith('kubectl '));
    const common =
      '-n prod --context=c --server=https://h:6443 --client-key=/key --as=alice --as-group=a --as-group=b --insecure-skip-tls-verify';
    assert.ok(
      (lines[0] ?? '').startsWith(`kubectl set image statefulset/nginx nginx=nginx:2 ${common}   # look: `),
      stdout,
    );
    assert.ok(
      (lines[1] ?? '').startsWith(
        `kubectl zeroloss drain nginx 0,1 ${common} --service=a,b --region=ap-x --cloud-site=intl --profile=p   # look: `,
      ),
      stdout,
    );
    assert.doesNotMatch(stdout, /t0ken|s3cret/);
  });
  const JOB = ['plan', 'nginx', '-o', 'job', '--job-image', 'zeroloss:v1', '--job-secret', 'key'];
  it('as a Job hands on every flag of the upgrade as it was given, and no key and no cluster', async () => {
    const { calls } = await run([
      ...JOB,
      ...[
        '--image',
        'nginx=nginx:2',
        '--restart',
        '--batch=2',
        '--pause-at',
        '50%',
        '--source',
        'clb',
        '--service=a,b',
      ],
      ...['--gate-command', 'true', '--stable-for=45s', '--timeout=2h', '--busy-after', '1h', '--evict', '-v', '6'],
      ...['--server=https://h:6443', '--as=alice', '--token=t0ken', '--secret-id=s3cret', '--secret-key=s3cret'],
    ]);
    const { job } = (calls[0] ?? assert.fail()).intent as { job: JobWish };
    assert.deepEqual(job.credentials, { kind: 'secret', name: 'key' });
    assert.deepEqual(job.words.toSorted(), [
      ...['--batch=2', '--busy-after=1h', '--evict=true', '--gate-command=true', '--image=nginx=nginx:2'],
      ...['--pause-at=50%', '--restart=true', '--service=a,b', '--source=clb', '--stable-for=45s', '--timeout=2h'],
    ]);
    // The Job's container must be able to read what plan has written.
    const again = await run(['upgrade', 'nginx', ...job.words.filter((word) => word !== '--batch=2'), '--yes']);
    assert.equal(again.code, 0, again.stderr);
  });
  it('as a Job prints a stream for kubectl apply, with the refusals of now in its head', async () => {
    const manifest = [{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'z', namespace: 'prod' } }];
    const { stdout } = await run(JOB, answer({ refusals: [floor], details: { ...planned, manifest } }));
    const documents: unknown[] = loadAll(stdout);
    assert.deepEqual(documents, manifest);
    assert.match(stdout, /^# {3}floor: only 1 /m);
    assert.match(stdout, /^# +stop it: +kubectl delete -n prod job z$/m);
  });
  for (const [what, words, pattern] of [
    ['without an image', ['-o', 'job', '--job-secret', 'a'], /-o job needs --job-image/],
    ['without a key for the cloud', ['-o', 'job', '--job-image', 'a'], /one key for the cloud/],
    [
      'of Argo that empties a node',
      ['-o', 'argo', ...JOB.slice(4), '--node', 'n1'],
      /-o argo takes no --node: its steps count/,
    ],
    ['with two', [...JOB.slice(2), '--job-role', 'qcs::cam::uin/1:roleName/a'], /one key for the cloud/],
    [
      'with a password in it',
      [...JOB.slice(2), '--gate-query', 'up', '--prometheus', 'http://u:p@h'],
      /has a password/,
    ],
    ['whose flags are given without it', ['--pause-at', '50%', '--evict'], /--pause-at, --evict: plan takes this only/],
  ] as const)
    it(`refuses a Job ${what}, and asks nothing`, async () => {
      const { code, stderr, calls } = await run(['plan', 'nginx', ...words]);
      assert.deepEqual([code, calls.length], [2, 0]);
      assert.match(stderr, pattern);
    });
  for (const [what, words, hint] of [
    [
      'of two names as a script',
      ['nginx', 'web', '-n', 'prod', '-o', 'sh', '--batch', '2'],
      /^hint: kubectl zeroloss plan nginx -o sh -n prod --batch 2\nhint: kubectl zeroloss plan web -o sh -n prod --batch 2$/m,
    ],
    [
      'of two names as a Job',
      ['nginx', 'web', ...JOB.slice(2), '--pause-at', '50%'],
      /plan web -o job --job-image zeroloss:v1 --job-secret key --pause-at 50%$/m,
    ],
    [
      'of two names in two contexts as a script',
      ['nginx', 'web', '--context', 'a,b', '-o', 'sh'],
      /^hint: kubectl zeroloss plan nginx -o sh --context a\n.*plan nginx -o sh --context b\n.*plan web -o sh --context a\n/m,
    ],
  ] as const)
    it(`refuses a plan ${what}, and shows the command for one target`, async () => {
      const { code, stdout, stderr, calls } = await run(['plan', ...words]);
      assert.deepEqual([code, stdout, calls.length], [2, '', 0]);
      assert.match(stderr, /^error: -o (sh|job|argo) prints one target, and takes it by its name$/m);
      assert.match(stderr, hint);
    });
  for (const [what, words, hints] of [
    [
      'of all namespaces as a script',
      ['-A', '-o', 'sh', '--batch', '2'],
      ['plan nginx -o sh -n east --batch 2', 'plan web -o sh -n west --batch 2'],
    ],
    [
      'with labels as a Workflow',
      ['-l', 'app=web', '-o', 'argo', ...JOB.slice(4)],
      ['plan nginx -o argo -n east --job-image zeroloss:v1 --job-secret key', 'plan web -o argo -n west .*'],
    ],
    [
      'of all namespaces of two contexts as a script',
      ['-A', '-o', 'sh', '--context', 'a,b'],
      ['plan nginx -o sh -n east --context a', 'plan web -o sh -n west --context a', 'plan nginx .* --context b', '.*'],
    ],
  ] as const)
    it(`refuses a plan ${what}, and shows the command for each that is there`, async () => {
      const object = (namespace: string, name: string) => ({
        ...{ metadata: { namespace, name, labels: {} } },
        spec: { type: 'LoadBalancer', selector: { app: name }, template: { metadata: { labels: { app: name } } } },
      });
      const items = [object('east', 'nginx'), object('west', 'web')];
      const openWorld: RunOptions['openWorld'] = async ({ connection: { context = '' }, report, signal }) => {
        if (context.includes(',')) throw new Error(`no context ${context}`);
        const kube = { ...kubeWith(), list: async () => ({ items }), getText: async () => '{}' };
        const world = { kube, report, signal } as unknown as World;
        world.within = (namespace) => ({ ...world, kube: { ...kube, namespace } }) as unknown as World;
        return { world, close: async () => undefined };
      };
      const { code, stdout, stderr } = await run(['plan', ...words], { openWorld, real: true });
      assert.deepEqual([code, stdout], [2, ''], stderr);
      const shown = [...stderr.matchAll(/^hint: kubectl zeroloss (.*)$/gm)].map(([, command]) => command ?? '');
      assert.equal(shown.length, hints.length, stderr);
      for (const [at, hint] of hints.entries()) assert.match(shown[at] ?? '', new RegExp(`^${hint}$`));
    });
  it('refuses a script of one name in two contexts, once they are known to be two', async () => {
    const openWorld: RunOptions['openWorld'] = async ({ connection: { context = '' }, report, signal }) => {
      if (context.includes(',')) throw new Error(`no context ${context}`);
      const world = { kube: { ...kubeWith(), getText: async () => '{}' }, report, signal } as unknown as World;
      return { world, close: async () => undefined };
    };
    const ran = await run(['plan', 'nginx', '--context', 'a,b', '-o', 'sh'], { openWorld, real: true });
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, /^hint: kubectl zeroloss plan nginx -o sh -n default --context a\n.*--context b$/m);
  });
  it('of several is a table on stdout and the refusals on stderr, also where one has no plan', async () => {
    const targets = [
      { ...planned, name: 'nginx', namespace: 'prod', context: '', exitCode: 0, refusals: [floor] },
      { name: 'web', namespace: 'prod', context: '', exitCode: 1, refusals: [], error: 'not found' },
    ];
    const message = '1 of 2 cannot be planned: web: not found';
    const several = answer({ exitCode: 1, message, refusals: [floor], details: { version: 1, targets } });
    const { code, stdout, stderr } = await run(['plan', 'nginx', 'web'], several);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^TARGET .*\nstatefulset\/nginx +1 +2 +35s or more +12 +floor\nstatefulset\/web +- .*not-planned\n$/,
    );
    assert.match(stderr, /^error: 1 of 2 cannot be planned: web: not found\n {2}floor: only 1 /);
    const json = JSON.parse((await run(['plan', 'nginx', 'web', '-o', 'json'], several)).stdout);
    assert.deepEqual(
      json.details.targets.map((each: { exitCode: number; steps?: object[] }) => [each.exitCode, each.steps?.length]),
      [
        [0, 4],
        [1, undefined],
      ],
    );
  });
});

it('shows in the help of plan which flags of upgrade it takes only for a Job', () => {
  for (const [name, { help }] of Object.entries(jobUpgradeFlags))
    assert.match(help, name === 'pauseAt' ? / Only with -o job\.$/ : / Only with -o job or argo\.$/);
});
