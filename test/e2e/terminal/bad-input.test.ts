/** Bad input that no cluster can help: its exit code, its message, an empty stdout, and nothing written. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { dump, load } from 'js-yaml';
import { DEPLOYMENTS } from '../../../lib/ports/resources.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { assertUnwritten, type Failure } from '../stage/unwritten.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const usage = (...says: RegExp[]): Failure => ({
  code: 2,
  says: [/^error: /, ...says, /^See 'kubectl zeroloss.* --help' for usage\.$/m],
});
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
      [
        ['upgrade', 'nginx', '--image', 'foo', '--batch', 'x', '--min-serving', '150%', '--timeout', '5'],
        usage(
          /--image "foo" is not CONTAINER=IMAGE\nhint: for example --image nginx=nginx:1.25.4/,
          /invalid argument "x" for "--batch" flag: must be a whole number, 1 or more\nhint: for example --batch=4/,
          /"150%" is not a floor: .*\nhint: accepted by --min-serving: a share from 0% to 100%/,
          /invalid argument "5" for "--timeout" flag: .*\nhint: did you mean 5s or 5m\?/,
        ),
      ],
      [
        ['restore', 'nginx', '--force', '--every', '3s', '--timeout', '5', '--sevice', 'web'],
        usage(
          /unknown flag: --sevice; did you mean "--service"\?/,
          /"5" for "--timeout" flag/,
          /--force needs --weights-only\nhint: kubectl zeroloss restore nginx --weights-only --force/,
          /--every, --gate-command and --gate-query need --weight/,
        ),
      ],
      [
        ['recreate', 'nginx', '0', '--node', 'n1', '--at-zero', '--force'],
        usage(/--at-zero and --force contradict each other/, /ORDINALS and --node both name the pods/),
      ],
      [['drain', 'nginx', '0', '--dry-run=maybe'], usage(/Invalid dry-run value \(maybe\)/)],
    ];
    for (const [words, failure] of cases) await assertUnwritten(stage, words, failure);
  });

  test('a target that is missing, or a Deployment, differs from one that may not be read', async (t) => {
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
    await assertUnwritten(stage, ['wait-zero', 'nginx-0'], {
      code: 1,
      says: [notFound('nginx-0'), /^hint: "nginx-0" is the name of a pod: TARGET is nginx, and ORDINALS/m],
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

  test('a server or a cloud that refuses to be talked to is named, with the cure', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 1 });
    const drain = ['drain', 'nginx', '0', '--min-serving', '0'];
    await assertUnwritten(stage, [...drain, '--server', 'https://127.0.0.1:1', '--request-timeout', '2s'], {
      code: 1,
      says: [
        /^API server at 127.0.0.1:1 does not answer \(connection refused\); trying again until \d\d:\d\d:\d\d$/m,
        /^The connection to the server 127.0.0.1:1 was refused/m,
      ],
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
});

/** A kubeconfig that names the cluster and no user. */
async function bare(stage: Stage): Promise<string> {
  const config = load(await readFile(cluster.kubeconfig, 'utf8')) as { users: { user: object }[] };
  for (const user of config.users) user.user = {};
  const path = join(stage.home, 'bare');
  await writeFile(path, dump(config));
  return path;
}
