import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_DURATION_MS } from '../../lib/core/values/duration.ts';
import { runLine } from './harness.ts';

const nginx = { name: 'nginx', dryRun: 'none' };
const zero = { stableForMs: 30_000, maxConnections: 0 };
const minutes = (count: number) => ({ timeoutMs: count * 60_000 });
/** Of several targets: no limit of the whole. */
const eachFiveMinutes = { timeoutMs: MAX_DURATION_MS, eachMs: 300_000 };

/** Command line, the flow that it calls, and the intent that it hands over. */
const GOOD: readonly [line: string, flow: string, intent: object][] = [
  ['drain nginx 0,1', 'drain', { ...nginx, ...minutes(5), ordinals: [0, 1] }],
  ['drain nginx nginx-0,nginx-3', 'drain', { ...nginx, ...minutes(5), ordinals: [0, 3] }],
  ['drain sts/nginx 0-3,7', 'drain', { ...nginx, ...minutes(5), ordinals: [0, 1, 2, 3, 7] }],
  ['drain sts nginx 0', 'drain', { ...nginx, ...minutes(5), ordinals: [0] }],
  ['drain statefulsets.apps/nginx 0', 'drain', { ...nginx, ...minutes(5), ordinals: [0] }],
  ['drain nginx --timeout 90s 0', 'drain', { ...nginx, timeoutMs: 90_000, ordinals: [0] }],
  ['drain nginx 0 --timeout=0', 'drain', { ...nginx, timeoutMs: MAX_DURATION_MS, ordinals: [0] }],
  ['drain --dry-run=server nginx 0', 'drain', { ...nginx, ...minutes(5), dryRun: 'server', ordinals: [0] }],
  ['drain --dry-run nginx 0', 'drain', { ...nginx, ...minutes(5), dryRun: 'client', ordinals: [0] }],
  [
    'drain nginx 0 --min-serving 60% --service a,b',
    'drain',
    { ...nginx, ...minutes(5), ordinals: [0], services: ['a', 'b'], minServing: { kind: 'percent', percent: 60 } },
  ],
  ['drain -- nginx 0', 'drain', { ...nginx, ...minutes(5), ordinals: [0] }],
  ['-n prod drain nginx 0', 'drain', { ...nginx, ...minutes(5), ordinals: [0] }],
  ['-o json drain nginx 0', 'drain', { ...nginx, ...minutes(5), ordinals: [0] }],
  ['--dry-run=client drain nginx 0', 'drain', { ...nginx, ...minutes(5), dryRun: 'client', ordinals: [0] }],
  ['wait-zero nginx', 'wait-zero', { ...nginx, ...zero, ...minutes(30), leavesProof: true }],
  [
    'wait-zero nginx 2 --stable-for 1m30s --max-connections 2 --source clb --timeout 1h',
    'wait-zero',
    {
      leavesProof: true,
      ...nginx,
      ...minutes(60),
      ordinals: [2],
      stableForMs: 90_000,
      maxConnections: 2,
      sources: ['clb'],
    },
  ],
  ['recreate nginx', 'recreate', { ...nginx, ...zero, ...minutes(15), evict: false, force: false }],
  [
    'recreate nginx 0 --evict --force',
    'recreate',
    { ...nginx, ...zero, ...minutes(15), ordinals: [0], evict: true, force: true },
  ],
  ['wait-zero nginx --any', 'wait-zero', { ...nginx, ...zero, ...minutes(30), leavesProof: true, any: true }],
  [
    'recreate nginx --at-zero',
    'recreate',
    { ...nginx, ...zero, ...minutes(15), evict: false, force: false, atZero: true },
  ],
  ['recreate --force=false nginx', 'recreate', { ...nginx, ...zero, ...minutes(15), evict: false, force: false }],
  [
    'recreate --force nginx 0',
    'recreate',
    { ...nginx, ...zero, ...minutes(15), ordinals: [0], evict: false, force: true },
  ],
  ['advance nginx', 'advance', { ...nginx, ...minutes(5) }],
  [
    'advance nginx --max-unavailable 10%',
    'advance',
    { ...nginx, ...minutes(5), maxUnavailable: { kind: 'percent', percent: 10 } },
  ],
  [
    'advance nginx --batch 4 --min-serving 3',
    'advance',
    { ...nginx, ...minutes(5), batch: 4, minServing: { kind: 'count', count: 3 } },
  ],
  ['restore nginx', 'restore', { ...nginx, ...minutes(15), ...zero, weightsOnly: false }],
  ['restore nginx --weights-only', 'restore', { ...nginx, ...minutes(15), ...zero, weightsOnly: true }],
  ['surge nginx', 'surge', { ...nginx, ...minutes(15), count: 1, dark: false }],
  ['surge nginx --take-over', 'surge', { ...nginx, ...minutes(15), count: 1, dark: false, takeOver: true }],
  [
    'recreate nginx --take-over',
    'recreate',
    { ...nginx, ...zero, ...minutes(15), evict: false, force: false, takeOver: true },
  ],
  ['restore nginx --take-over', 'restore', { ...nginx, ...minutes(15), ...zero, weightsOnly: false, takeOver: true }],
  ['drain nginx --node n1,n2', 'drain', { ...nginx, ...minutes(5), ordinals: [], nodes: ['n1', 'n2'] }],
  [
    'recreate nginx --node n1',
    'recreate',
    { ...nginx, ...zero, ...minutes(15), evict: false, force: false, nodes: ['n1'] },
  ],
  ['scale nginx 4', 'scale', { ...nginx, ...zero, ...minutes(30), replicas: 4 }],
  [
    'scale sts nginx 0 --min-serving 0 --delete-claims --take-over',
    'scale',
    {
      ...{ ...nginx, ...zero, ...minutes(30), replicas: 0, deleteClaims: true, takeOver: true },
      minServing: { kind: 'count', count: 0 },
    },
  ],
  ['surge nginx 4 --dark', 'surge', { ...nginx, ...minutes(15), count: 4, dark: true }],
  ['restore nginx 1', 'restore', { ...nginx, ...minutes(15), ...zero, weightsOnly: false, ordinals: [1] }],
  ['status nginx -w', 'status', { name: 'nginx', dryRun: 'none', names: ['nginx'], timeoutMs: MAX_DURATION_MS }],
  ['status nginx', 'status', { name: 'nginx', dryRun: 'none', names: ['nginx'], ...minutes(5) }],
  [
    'status sts nginx web',
    'status',
    { name: 'nginx,web', dryRun: 'none', names: ['nginx', 'web'], ...eachFiveMinutes },
  ],
  [
    'status -l app=web',
    'status',
    { name: '-l app=web', dryRun: 'none', names: [], selector: 'app=web', ...eachFiveMinutes },
  ],
  [
    'restore nginx 0 --weight 1,5,10 --every 30s',
    'restore',
    { ...nginx, ...minutes(15), ...zero, weightsOnly: false, ordinals: [0], weights: [1, 5, 10], everyMs: 30_000 },
  ],
  [
    'restore nginx --weights-only --force',
    'restore',
    { ...nginx, ...minutes(15), ...zero, weightsOnly: true, force: true },
  ],
  ['drain nginx 0 --ignore-ingress', 'drain', { ...nginx, ...minutes(5), ordinals: [0], ignoreIngress: true }],
  ['advance nginx --ignore-ingress', 'advance', { ...nginx, ...minutes(5), ignoreIngress: true }],
  [
    'plan nginx --batch 2 --ignore-ingress',
    'plan',
    {
      ...nginx,
      names: ['nginx'],
      ...minutes(1),
      ...{ images: {}, batch: 2, surge: 0, soakMs: 0, stableForMs: 30_000, countingWords: [] },
      ignoreIngress: true,
    },
  ],
  [
    'plan nginx --max-unavailable 25%',
    'plan',
    {
      ...nginx,
      names: ['nginx'],
      ...minutes(1),
      ...{ images: {}, batch: 1, surge: 0, soakMs: 0, stableForMs: 30_000, countingWords: [] },
      maxUnavailable: { kind: 'percent', percent: 25 },
    },
  ],
  [
    'plan nginx --min-serving 3 --metric open{port="80"} --metrics-port 9113 --metrics-path /m --debug-image busybox --stable-for 1m --source pod,clb',
    'plan',
    {
      ...nginx,
      names: ['nginx'],
      ...minutes(1),
      ...{ images: {}, batch: 1, surge: 0, soakMs: 0, stableForMs: 60_000 },
      sources: ['pod', 'clb'],
      countingWords: [
        ...['--stable-for', '1m', '--source', 'pod,clb', '--debug-image', 'busybox'],
        ...['--metric', 'open{port="80"}', '--metrics-port', '9113', '--metrics-path', '/m'],
      ],
      minServing: { kind: 'count', count: 3 },
    },
  ],
  [
    'plan nginx --node n1,n2',
    'plan',
    {
      ...{ ...nginx, names: ['nginx'], nodes: ['n1', 'n2'] },
      ...minutes(1),
      ...{ images: {}, batch: 1, surge: 0, soakMs: 0, stableForMs: 30_000, countingWords: [] },
    },
  ],
  [
    'plan nginx web --batch 2',
    'plan',
    {
      ...{ name: 'nginx,web', dryRun: 'none', names: ['nginx', 'web'] },
      ...{ timeoutMs: MAX_DURATION_MS, eachMs: 60_000 },
      ...{ images: {}, batch: 2, surge: 0, soakMs: 0, stableForMs: 30_000, countingWords: [] },
    },
  ],
  [
    'plan -A -l app=web --timeout 5m',
    'plan',
    {
      ...{ name: '-A -l app=web', dryRun: 'none', names: [], selector: 'app=web', everywhere: true },
      ...eachFiveMinutes,
      ...{ images: {}, batch: 1, surge: 0, soakMs: 0, stableForMs: 30_000, countingWords: [] },
    },
  ],
  ['history nginx', 'history', { ...nginx, ...minutes(5) }],
];

describe('a command line becomes exactly one call of its flow', () => {
  for (const [line, flow, intent] of GOOD) {
    test(line, async () => {
      const ran = await runLine(line);
      assert.deepEqual(ran.calls, [{ flow, intent }], ran.stderr);
      assert.equal(ran.code, 0);
    });
  }
});

/** Flags, and the connection that they ask for. */
const CONNECTIONS: readonly [flags: string, connection: object][] = [
  ['', {}],
  ['-n prod', { namespace: 'prod' }],
  ['-nprod', { namespace: 'prod' }],
  ['-n=prod', { namespace: 'prod' }],
  ['--namespace=prod --context c --kubeconfig /k', { namespace: 'prod', context: 'c', kubeconfig: '/k' }],
  ['--as alice --as-group a --as-group=b --as-uid 7', { as: 'alice', asGroup: ['a', 'b'], asUid: '7' }],
  ['--as-user-extra k=v', { asUserExtra: ['k=v'] }],
  [
    '-s https://h:6443 --token abc --user u --cluster k',
    { server: 'https://h:6443', token: 'abc', user: 'u', cluster: 'k' },
  ],
  ['--request-timeout 5', { requestTimeoutMs: 5000 }],
  ['--request-timeout 1m', { requestTimeoutMs: 60_000 }],
  ['--request-timeout 0', {}],
  [
    '--insecure-skip-tls-verify --tls-server-name n --disable-compression=true',
    { insecureSkipTlsVerify: true, tlsServerName: 'n', disableCompression: true },
  ],
  [
    '--certificate-authority ca --client-certificate c --client-key k',
    { certificateAuthority: 'ca', clientCertificate: 'c', clientKey: 'k' },
  ],
];

describe("kubectl's connection flags reach the connection, and nothing that was not given does", () => {
  for (const [flags, connection] of CONNECTIONS) {
    test(flags === '' ? '(none)' : flags, async () => {
      const { worlds } = await runLine(`status nginx ${flags}`);
      assert.deepEqual(
        worlds.map((world) => world.connection),
        [connection],
      );
    });
  }
});

test('a bare --dry-run is warned about, in the words of kubectl', async () => {
  const { stderr } = await runLine('drain nginx 0 --dry-run');
  assert.match(stderr, /^Warning: --dry-run is deprecated and can be replaced with --dry-run=client\.$/m);
});

test('the cloud is chosen by --region, --cloud-site and --profile', async () => {
  const { worlds } = await runLine('status nginx --region ap-guangzhou --cloud-site intl --profile ops');
  assert.deepEqual(worlds[0]?.cloud, { region: 'ap-guangzhou', cloudSite: 'intl', profile: 'ops' });
});
