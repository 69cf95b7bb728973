/** Every bad input: its exit code, what is said, an empty stdout, and nothing written. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { KubeObject } from '../../lib/ports.ts';
import { DEPLOYMENTS, STATEFUL_SETS } from '../../lib/resources.ts';
import { type E2eCluster, startE2eCluster } from './cluster.ts';
import { guideText } from './guide-text.ts';
import { holdConnection } from './hold.ts';
import { FAST, openStage, RS_WEIGHT, type Stage } from './stage.ts';
import { assertUnwritten, type Failure } from './unwritten.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await startE2eCluster();
});
after(() => cluster.stop());

const usage = (...says: RegExp[]): Failure => ({
  code: 2,
  says: [/^error: /, ...says, /^See 'kubectl zeroloss.* --help' for usage\.$/m],
});
const refused = (...says: RegExp[]): Failure => ({
  code: 4,
  says: [/^error: refused by (a safety rule|\d safety rules), nothing was written$/m, ...says],
});
const TKE = 'service.cloud.tencent.com';

describe('bad input', { concurrency: true }, () => {
  test('a command line that makes no sense is explained, and nothing is read or written', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 1 });
    const cases: [words: string[], failure: Failure][] = [
      [['darin', 'nginx', '0'], usage(/unknown command "darin"; did you mean "drain"\?/, /^hint: commands: .*drain/m)],
      [['drain', 'nginx', '0', '--timeot', '5s'], usage(/unknown flag: --timeot; did you mean "--timeout"\?/)],
      [
        ['drain', 'nginx', '0', '--timeout', '1s', '--timeout', '2s'],
        usage(/--timeout is given 2 times; give it once/),
      ],
      [['drain', 'nginx'], usage(/ORDINALS is missing/, /^hint: .*0,1 or 0-3 or 0-3,7 or pod names/m)],
      [['drain', 'nginx', ''], usage(/ordinals are empty/, /^hint: accepted: 0,1 or 0-3/m)],
      [['drain', 'nginx', '0,,1'], usage(/ordinals "0,,1" have an empty part/, /^hint: accepted: 0,1 or 0-3/m)],
      [['drain', 'nginx', 'one'], usage(/"one" is not an ordinal/, /^hint: accepted: 0,1 or 0-3/m)],
      [['drain', 'nginx', '3-0'], usage(/range "3-0" runs backwards/, /^hint: did you mean 0-3\?/m)],
      [['drain', 'nginx', 'web-0'], usage(/pod "web-0" does not belong to statefulset "nginx"/, /^hint: .*nginx-0/m)],
      [['drain', 'nginx', '0', '-o', 'xml'], usage(/output format "xml", allowed formats are: json,yaml,name,wide/)],
      [['drain', 'deployment/nginx', '0'], usage(/"deployment" is not a type/, /^hint: TARGET is a StatefulSet/m)],
      [['wait-zero', 'nginx', '--source', 'tea-leaves'], usage(/unknown source "tea-leaves"/, /^hint: sources: clb/m)],
      [['wait-zero', 'nginx', '--timeout', 'soon'], usage(/--timeout/)],
      [['drain', 'nginx', '0', '--dry-run=maybe'], usage(/Invalid dry-run value \(maybe\)/)],
    ];
    for (const [words, failure] of cases) await assertUnwritten(stage, words, failure);
  });

  test('a target that is missing, or a Deployment, is told from one that may not be read', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 1 });
    const labels = { app: 'web' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    };
    await cluster.kube.create(DEPLOYMENTS, deployment, { namespace: stage.namespace });
    const notFound = (name: string) =>
      new RegExp(`^Error from server \\(NotFound\\): statefulsets.apps "${name}" not found$`, 'm');
    await assertUnwritten(stage, ['drain', 'web', '0'], {
      code: 1,
      says: [notFound('web'), /^hint: "web" is a Deployment/m],
    });
    await assertUnwritten(stage, ['drain', 'missing', '0'], {
      code: 1,
      says: [notFound('missing'), /^hint: kubectl -n stage-\d+ get statefulsets {3}#/m],
    });
    const nobody = await cluster.kubeconfigFor('nobody');
    await assertUnwritten(
      stage,
      ['drain', 'nginx', '0'],
      {
        code: 1,
        says: [
          /^Error from server \(Forbidden\): statefulsets.apps "nginx" is forbidden: User "nobody" cannot get/m,
          /^hint: .*kubectl auth can-i get statefulsets.apps\/nginx/m,
        ],
      },
      { env: { KUBECONFIG: nobody } },
    );
  });

  test('a server or a cloud that refuses to be talked to is named, with what mends it', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 1 });
    const drain = ['drain', 'nginx', '0', '--min-serving', '0'];
    await assertUnwritten(stage, [...drain, '--server', 'https://127.0.0.1:1'], {
      code: 1,
      says: [/^The connection to the server 127.0.0.1:1 was refused/m],
    });
    await assertUnwritten(
      stage,
      [...drain, '--token', 'not-a-token'],
      { code: 1, says: [/Unauthorized/, /^hint: .*missing, wrong or expired/m] },
      { env: { KUBECONFIG: await bare(stage) } },
    );
    await assertUnwritten(
      stage,
      drain,
      {
        code: 1,
        says: [
          /^error: the cloud refused clb:\w+: .*\(AuthFailure\.SignatureFailure, RequestId [\w-]+\)$/m,
          /^hint: credentials used: environment \(AKID\*+\w{4}\); export fresh TENCENTCLOUD_SECRET_ID/m,
        ],
      },
      { env: { TENCENTCLOUD_SECRET_KEY: 'not-the-key' } },
    );
    const none = { TENCENTCLOUD_SECRET_ID: undefined, TENCENTCLOUD_SECRET_KEY: undefined };
    await assertUnwritten(
      stage,
      drain,
      {
        code: 1,
        says: [
          /^error: no credentials for the cloud were found; looked in: /m,
          /^hint: export TENCENTCLOUD_SECRET_ID=/m,
        ],
      },
      { env: none },
    );
    await assertUnwritten(
      stage,
      drain,
      { code: 1, says: [/^error: no cluster to talk to: .*nonexistent/m, /^hint: set KUBECONFIG/m] },
      { env: { KUBECONFIG: '/nonexistent/kubeconfig' } },
    );
  });

  test('every safety rule says no by name, with its cure, before anything is written', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    const drain = ['drain', 'nginx', '0'];
    await assertUnwritten(
      stage,
      ['drain', 'nginx', '2,3'],
      refused(/^ {2}ordinals-exist: statefulset\/nginx has no ordinal 3: it has 0-2$/m),
    );
    await assertUnwritten(
      stage,
      ['drain', 'nginx', '0-2'],
      refused(
        /^ {2}floor: .*only 0 backends would go on serving, the floor is 2$/m,
        /^ {4}to override it: --min-serving$/m,
      ),
    );
    await assertUnwritten(
      stage,
      ['wait-zero', 'nginx'],
      refused(
        /^ {2}drained: nothing of statefulset\/nginx is drained/m,
        /to mend it: kubectl zeroloss drain nginx ORDINALS -n /,
      ),
    );
    await assertUnwritten(
      stage,
      ['recreate', 'nginx', '1'],
      refused(/^ {2}drained: /m, /to mend it: kubectl zeroloss drain nginx 1 -n /),
    );

    const annotated: [annotation: string, text: string, says: RegExp[]][] = [
      [
        `${TKE}/direct-access`,
        'false',
        [
          /^ {2}direct-access: service\/nginx does not bind pods directly/m,
          /to mend it: kubectl -n \S+ annotate service nginx/,
        ],
      ],
      [
        `${TKE}/mode`,
        'skip',
        [
          /^ {2}controller-active: service\/nginx is skipped/m,
          /to mend it: kubectl -n \S+ annotate service nginx service.cloud.tencent.com\/mode-$/m,
        ],
      ],
      [`${TKE}/target-groups`, '{}', [/^ {2}no-target-group: service\/nginx uses target groups/m]],
      [
        RS_WEIGHT,
        '{"defaultWeight":',
        [
          /^ {2}annotation-parses: service\/nginx: annotation \S+ is not JSON: /m,
          /to mend it: kubectl -n \S+ annotate service nginx \S+lb-rs-weight- /,
        ],
      ],
      [RS_WEIGHT, '{"groups":{"TCP":80}}', [/^ {2}annotation-parses: .* has "groups" that is not a list$/m]],
    ];
    for (const [annotation, text, says] of annotated) {
      const was = (await stage.service()).metadata.annotations?.[annotation] ?? null;
      await stage.patch('nginx', { metadata: { annotations: { [annotation]: text } } });
      await assertUnwritten(stage, drain, refused(...says));
      await stage.patch('nginx', { metadata: { annotations: { [annotation]: was } } });
    }
    await stage.patch('nginx', { spec: { updateStrategy: { type: 'RollingUpdate' } } }, STATEFUL_SETS);
    await assertUnwritten(
      stage,
      drain,
      refused(
        /^ {2}on-delete: statefulset\/nginx has updateStrategy RollingUpdate/m,
        /to mend it: kubectl -n \S+ patch statefulset nginx --type merge -p /,
      ),
    );
  });

  test('without a Service that leads to the pods there is nothing to drain', async (t) => {
    const edit = (object: KubeObject) => (object.kind === 'Service' ? undefined : object);
    const stage = await openStage(t, cluster, { replicas: 1, edit });
    await assertUnwritten(
      stage,
      ['drain', 'nginx', '0'],
      refused(
        /^ {2}service-found: no Service of type LoadBalancer selects the pods/m,
        /to mend it: kubectl -n \S+ get services/,
      ),
    );
  });

  test('a pod that still has a connection is neither at zero nor recreated, and its batch cannot be advanced past', async (t) => {
    const stage: Stage = await openStage(t, cluster, { replicas: 2 });
    const held = await holdConnection(t, stage, 'nginx-0');
    await stage.setImage();
    await stage.ok('drain', 'nginx', '0');
    const notYet = await stage.run(['wait-zero', 'nginx', '--timeout', '4s', ...FAST]);
    assert.equal(notYet.code, 6, notYet.stderr);
    assert.equal(notYet.stdout, '');
    assert.match(
      notYet.stderr,
      /^error: ordinal 0 of statefulset\/nginx not at zero yet: nginx-0 TCP\/80 clb: 1 connections?/m,
    );
    await assertUnwritten(
      stage,
      ['recreate', 'nginx', ...FAST],
      refused(
        /^ {2}at-zero: nginx-0 TCP\/80 clb: 1 connection/m,
        /to override it: --force/,
        /^hint: kubectl zeroloss wait-zero nginx -n /m,
      ),
    );
    await assertUnwritten(
      stage,
      ['advance', 'nginx'],
      refused(
        /^ {2}batch-ready: pod\/nginx-0 of this batch /m,
        /to mend it: kubectl zeroloss wait-zero nginx -n \S+ && kubectl zeroloss recreate nginx -n /,
      ),
    );
    assert.equal(held.lost, false);
    assert.equal(await stage.weights(), guideText([0]));
  });

  test('a replacement that cannot start is said at once (exit 7), and the batch stays drained', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.setImage('nginx:image-pull-error');
    await stage.ok('drain', 'nginx', '0');
    await stage.ok('wait-zero', 'nginx', ...FAST);
    const stuck = await stage.run(['recreate', 'nginx', ...FAST]);
    assert.deepEqual([stuck.code, stuck.stdout], [7, ''], stuck.stderr);
    assert.match(stuck.stderr, /^error: pod\/nginx-0 is in ImagePullBackOff$/m);
    assert.match(stuck.stderr, /^hint: kubectl -n \S+ describe pods /m);
    await assertUnwritten(stage, ['advance', 'nginx'], refused(/^ {2}batch-ready: pod\/nginx-0 of this batch /m));
    assert.equal(await stage.weights(), guideText([0]));
  });
});

/** A kubeconfig that names the cluster and no user. */
async function bare(stage: Stage): Promise<string> {
  const { readFile, writeFile } = await import('node:fs/promises');
  const path = `${stage.home}/bare`;
  const { loadAll, dump } = await import('js-yaml');
  const [config] = loadAll(await readFile(cluster.kubeconfig, 'utf8')) as { users: { user: object }[] }[];
  for (const user of config?.users ?? []) user.user = {};
  await writeFile(path, dump(config));
  return path;
}
