/** The safety rules: exit code 4, the rule's name and its cure, an empty stdout, and nothing written. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { guideText } from '../stage/guide-text.ts';
import { FAST, openStage, RS_WEIGHT } from '../stage/stage.ts';
import { holdConnection } from '../stage/trouble/hold.ts';
import { assertUnwritten, type Failure } from '../stage/unwritten.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const refused = (...says: RegExp[]): Failure => ({
  code: 4,
  says: [/^error: refused by (a safety rule|\d safety rules), nothing was written$/m, ...says],
});
const TKE = 'service.cloud.tencent.com';

describe('a safety rule', { concurrency: true }, () => {
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
        /^ {2}floor: .*only 0 backends would keep serving, the floor is 2: at most 1 at a time \(ordinal 0\)$/m,
        /^ {4}to fix it: kubectl zeroloss drain nginx 0 .*# as many as the floor allows now$/m,
        /^ {4}to override it: --min-serving 0 {3}# lowers the floor/m,
      ),
    );
    await assertUnwritten(
      stage,
      ['wait-zero', 'nginx'],
      refused(
        /^ {2}drained: nothing of statefulset\/nginx is drained/m,
        /to fix it: kubectl zeroloss (drain nginx 0|plan nginx) -n /,
      ),
    );
    await assertUnwritten(
      stage,
      ['recreate', 'nginx', '1'],
      refused(/^ {2}drained: /m, /to fix it: kubectl zeroloss drain nginx 1 -n /),
    );

    const annotated: [annotation: string, text: string, says: RegExp[]][] = [
      [
        `${TKE}/direct-access`,
        'false',
        [
          /^ {2}direct-access: service\/nginx does not bind pods directly/m,
          /to fix it: kubectl -n \S+ annotate service nginx/,
        ],
      ],
      [
        `${TKE}/mode`,
        'skip',
        [
          /^ {2}controller-active: service\/nginx is skipped/m,
          /to fix it: kubectl -n \S+ annotate service nginx service.cloud.tencent.com\/mode- +# the controller then/m,
        ],
      ],
      [`${TKE}/target-groups`, '{}', [/^ {2}no-target-group: service\/nginx uses target groups/m]],
      [
        RS_WEIGHT,
        '{"defaultWeight":',
        [
          /^ {2}annotation-parses: service\/nginx: annotation \S+ is not JSON: /m,
          /to fix it: kubectl -n \S+ annotate service nginx \S+lb-rs-weight- /,
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
        /to fix it: kubectl -n \S+ patch statefulset nginx --type merge -p /,
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
        /to fix it: kubectl -n \S+ get services/,
      ),
    );
  });

  test('a pod that still has a connection is neither at zero nor recreated, and its batch cannot be advanced past', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
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
        /to fix it: kubectl zeroloss wait-zero nginx -n .*\n {4}to override it: --force {3}# cuts this connection$/m,
      ),
    );
    await assertUnwritten(
      stage,
      ['advance', 'nginx'],
      refused(
        /^ {2}batch-ready: pod\/nginx-0 of this batch /m,
        /to fix it: kubectl zeroloss wait-zero nginx -n \S+ && kubectl zeroloss recreate nginx -n /,
      ),
    );
    assert.equal(held.lost, false);
    assert.equal(await stage.weights(), guideText([0]));
  });

  test('a replacement that cannot start is reported at once (exit 7), and the batch stays drained', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await stage.setImage('nginx:image-pull-error');
    await stage.ok('drain', 'nginx', '0');
    await stage.ok('wait-zero', 'nginx', ...FAST);
    const stuck = await stage.run(['recreate', 'nginx', ...FAST]);
    assert.equal(stuck.code, 7, stuck.stderr);
    assert.match(stuck.stdout, /^pod\/nginx-0 deleted /, stuck.stderr);
    assert.match(stuck.stderr, /^error: pod\/nginx-0 does not start: container nginx is in ImagePullBackOff/m);
    assert.match(stuck.stderr, /^hint: kubectl -n \S+ describe pod /m);
    await assertUnwritten(stage, ['advance', 'nginx'], refused(/^ {2}batch-ready: pod\/nginx-0 of this batch /m));
    assert.equal(await stage.weights(), guideText([0]));
  });
});
