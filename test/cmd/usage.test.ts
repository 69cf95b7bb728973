import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runLine } from './harness.ts';

/** Command line, and what the error says. All of them exit with 2, call no flow, open no connection and leave stdout empty. */
const BAD: readonly [line: string, says: RegExp][] = [
  ['drian nginx 0', /^error: unknown command "drian"; did you mean "drain"\?$/m],
  ['sandbox pu', /^error: unknown command "pu" for "sandbox"; did you mean "up"\?$/m],
  ['frobnicate', /^error: unknown command "frobnicate"$/m],
  ['help drian', /unknown command "drian"/],
  ['--tiemout 5m drain nginx 0', /unknown flag: --tiemout before the command's name/],
  ['drain nginx 0 --tiemout 5m', /^error: unknown flag: --tiemout; did you mean "--timeout"\?$/m],
  ['drain nginx 0 --weight=', /^error: unknown flag: --weight$/m],
  ['drain nginx 0 -x', /^error: unknown shorthand flag: 'x' in -x$/m],
  ['drain nginx 0 -timeout 5m', /^error: unknown shorthand flag: 't' in -timeout; did you mean "--timeout"\?$/m],
  ['drain nginx 0 --stable-for 5s', /unknown flag: --stable-for/],
  ['drain nginx 0 -n', /^error: flag needs an argument: 'n' in -n$/m],
  ['drain nginx 0 --namespace', /^error: flag needs an argument: --namespace$/m],
  ['drain nginx 0 -n --dry-run=client', /flag needs an argument: 'n' in -n/],
  ['drain nginx 0 -n a -n b', /^error: flag --namespace is given 2 times; give it once$/m],
  ['drain nginx 0 -n a --namespace=b', /flag --namespace is given 2 times/],
  ['drain nginx 0 --namespace=', /^error: invalid argument "" for "--namespace" flag: must not be empty$/m],
  ['drain nginx 0 --timeout=', /invalid argument "" for "--timeout" flag: must not be empty/],
  ['drain nginx 0 --min-serving=', /invalid argument "" for "--min-serving" flag: must not be empty/],
  ['drain nginx-0', /^hint: did you mean kubectl zeroloss drain nginx 0\? TARGET is the StatefulSet/m],
  ['drain sts/nginx-10', /^hint: did you mean kubectl zeroloss drain nginx 10\?/m],
  [
    'drain nginx all',
    /^error: "all" is not an ordinal: .*\nhint: accepted: 0,1 or 0-3[\s\S]*: kubectl zeroloss upgrade nginx$/m,
  ],
  [
    'drain nginx 0 --min-serving 150%',
    /"150%" is not a floor: it is more than all of the replicas\nhint: .* from 0% to 100%/,
  ],
  ['drain nginx 0 --timeout 5', /^hint: did you mean 5s or 5m\? a duration is a number and a unit/m],
  [
    'drain nginx 0 --foo --bar 3 --tiemout 5m',
    /^error: unknown flag: --foo\nerror: unknown flag: --bar\nerror: unknown flag: --tiemout; did you mean "--timeout"\?\nSee/,
  ],
  [
    'drain nginx 3 4 --timeout 5 --min-serving 150% -v high --color blue',
    /^error: .*"5" for "--timeout".*\nhint: did you mean 5s or 5m.*\nerror: "150%" .*\nhint: accepted by --min-serving.*\nerror: .*"high".*\nhint: for example --v=4\nerror: .*"blue".*\nerror: unexpected argument "4".*\nhint: ordinals are one word.*\nSee/,
  ],
  [
    'upgrade nginx --image foo --batch x --min-serving 150% --timeout 5',
    /^error: --image "foo" is not CONTAINER=IMAGE\nhint: for example --image .*\nerror: .*"x" for "--batch".*\nhint: for example --batch=4\nerror: .*"5" for "--timeout".*\nhint: .*\nerror: "150%" is not a floor.*\nhint: .*\nSee/,
  ],
  [
    'drain nginx 0 --timeot 5 --min-serving 150%',
    /^error: unknown flag: --timeot; did you mean "--timeout"\?\nerror: "150%" is not a floor.*\nhint: .*\nSee/,
  ],
  ['drain nginx --foo 3 --timeout 5', /^error: unknown flag: --foo\nerror: .*"5" for "--timeout".*\nhint: .*\nSee/],
  [
    'drain nginx 0 -n --service --timeout 5',
    /^error: flag needs an argument: 'n' in -n\nhint: .*\nerror: flag needs an argument: --service\nhint: .*\nerror: .*"--timeout".*\nhint: .*\nSee/,
  ],
  [
    'restore nginx --force --every 3s --timeout 5',
    /^error: .*"--timeout".*\nhint: .*\nerror: --force needs --weights-only\nhint: .*\nerror: --every, .* need --weight: .*\nhint: .*\nSee/,
  ],
  [
    'recreate nginx 0 --node n1 --at-zero --force --secret-id x',
    /^error: --at-zero and --force contradict .*\nhint: .*\nerror: ORDINALS and --node both .*\nhint: .*\nerror: --secret-key is missing.*\nhint: .*\nSee/,
  ],
  ['restore nginx 0 --weight 9,1 --every 3s', /^error: canary weights "9,1" do not rise .*\nhint: .*\nSee/],
  ['restore nginx --force --weigths-only', /^error: unknown flag: --weigths-only; did you mean .*\nSee/],
  ['restore nginx 0 1 --weight 1,5', /^error: unexpected argument "1".*\nhint: .*\nSee/],
  [
    'advance nginx --from x --to y',
    /^error: "x" is not an ordinal.*\nhint: .*\n(hint: .*\n)*error: "y" is not an ordinal/,
  ],
  [
    'surge nginx two --timeout 5',
    /^error: .*"--timeout".*\nhint: .*\nerror: "two" is not a number of replicas to add\n/,
  ],
  ['scale nginx few --timeout 5', /^error: .*"--timeout".*\nhint: .*\nerror: "few" is not a number of replicas\n/],
  [
    'status -w -o name --timeout 5',
    /^error: .*"--timeout".*\nhint: .*\nerror: TARGET is missing: .*\nhint: .*\nerror: -w cannot be combined with -o name\n/,
  ],
  [
    'verify nginx one --gate-query up --for 5',
    /^error: .*"--for".*\nhint: .*\nerror: --gate-query needs --prometheus\nhint: .*\nerror: "one" is not an ordinal/,
  ],
  [
    'drain nginx --timeout 5',
    /^error: .*"--timeout".*\nhint: .*\nerror: ORDINALS is missing: drain takes TARGET ORDINALS\n/,
  ],
  ['history nginx --from /no/such/file', /^error: --from \/no\/such\/file: there is no such file or folder$/m],
  ['history nginx --from /', /^error: --from \/: it is a folder, not a file$/m],
  ['drain nginx 0 --min-serving most', /"most" is not a floor/],
  ['drain nginx 0 --min-serving 101%', /"101%" is not a floor/],
  ['restore nginx --every 3s', /--every, --gate-command and --gate-query need --weight/],
  ['restore nginx 0 --gate-command true', /need --weight: nothing would be observed/],
  ['verify nginx --prometheus http://p:9090', /--prometheus needs --gate-query/],
  [
    'drain nginx 0 --timeout 1',
    /^error: invalid argument "1" for "--timeout" flag: time: missing unit in duration "1"$/m,
  ],
  ['drain nginx 0 --timeout abc', /time: invalid duration "abc"/],
  ['drain nginx 0 --timeout 1d', /time: unknown unit "d" in duration "1d"/],
  ['drain nginx 0 --timeout=-5m', /must not be negative/],
  ['drain nginx 0 --request-timeout x', /Timeout must be a single integer in seconds/],
  [
    'drain nginx 0 -o toml',
    /unable to match a printer suitable for the output format "toml", allowed formats are: json,yaml,name,wide/,
  ],
  ['drain nginx 0 --dry-run=maybe', /Invalid dry-run value \(maybe\)\. Must be "none", "server", or "client"\./],
  ['drain nginx 0 --dry-run server', /unexpected argument "server"/],
  ['drain nginx 0 --service a,,b', /has an empty part/],
  ['drain nginx 0 --service a,a', /names something twice/],
  ['drain nginx 0 -v high', /invalid argument "high" for "--v" flag: must be a whole number, 0 or more/],
  ['drain nginx 0 --color blue', /must be one of auto, always, never/],
  ['drain nginx 0 --insecure-skip-tls-verify=maybe', /strconv\.ParseBool: parsing "maybe": invalid syntax/],
  ['drain nginx 0 --no-insecure-skip-tls-verify', /unknown flag: --no-insecure-skip-tls-verify/],
  ['drain nginx 0 --as.group=x', /unknown flag: --as\.group/],
  ['drain nginx 0 --__proto__=x', /unknown flag: --__proto__/],
  ['drain', /^error: TARGET is missing: drain takes TARGET \[ORDINALS\]$/m],
  ['drain nginx', /^error: ORDINALS is missing: drain takes TARGET ORDINALS$/m],
  ['drain nginx 0 1', /unexpected argument "1": drain takes TARGET \[ORDINALS\]/],
  ['drain nginx 0 --node n1', /ORDINALS and --node both name the pods/],
  ['recreate nginx 0 --node n1', /ORDINALS and --node both name the pods/],
  ["drain nginx ''", /ordinals are empty/],
  ["drain '' 0", /"" is not a valid name/],
  ['drain nginx 0,,1', /ordinals/],
  ['drain nginx 3-1', /range "3-1" runs backwards/],
  ['drain nginx -1', /-1/],
  ['drain nginx 0x1', /0x1/],
  ['drain nginx 1.5', /1\.5/],
  ['drain nginx other-0', /other-0/],
  ['drain deploy/nginx 0', /^error: "deploy" is not a type this command works on$/m],
  ['drain pod/nginx-0 0', /"pod" is not a type/],
  ['status deployment nginx', /"deployment" is not a type/],
  ['drain sts/ 0', /"" is not a valid name/],
  ['drain /nginx 0', /"" is not a type/],
  ['drain a/b/c 0', /"a\/b\/c" is not a target/],
  ['drain Nginx 0', /"Nginx" is not a valid name/],
  ['status sts', /"sts" is a type; the name of a StatefulSet is missing/],
  ['status nginx 0', /unexpected argument "0": status takes \[TARGETS\]/],
  ['status nginx --batch 5', /unknown flag: --batch/],
  [
    'wait-zero nginx --max-connections -1',
    /invalid argument "-1" for "--max-connections" flag: must be a whole number/,
  ],
  ['wait-zero nginx --max-connections 1e3', /must be a whole number/],
  ['wait-zero nginx --max-connections 0x10', /must be a whole number/],
  ['wait-zero nginx --stable-for 30', /time: missing unit in duration "30"/],
  ['wait-zero nginx --source guess', /unknown source "guess"/],
  ['wait-zero nginx --force', /unknown flag: --force/],
  ['advance nginx --max-unavailable 2 --batch 2', /--max-unavailable chooses the pods by itself/],
  ['advance nginx --max-unavailable 0', /is not the size of a window/],
  ['plan nginx --max-unavailable 2 --batch 2', /--batch and --max-unavailable are two ways/],
  ['plan nginx --max-unavailable 2 --soak 5m -o sh', /a script of the window cannot observe each pod/],
  ['recreate nginx --at-zero --force', /--at-zero and --force contradict each other/],
  ['recreate nginx --force=perhaps', /parsing "perhaps": invalid syntax/],
  ['advance nginx --batch 0', /invalid argument "0" for "--batch" flag: must be a whole number, 1 or more/],
  ['advance nginx --batch two', /must be a whole number/],
  ['advance nginx 1', /unexpected argument "1"/],
  ['version now', /unexpected argument "now": version takes no arguments/],
  ['version -o wide', /output format "wide", allowed formats are: json,yaml/],
  ['sandbox up --replicas 0', /must be a whole number, 1 or more/],
  ['sandbox up -n prod', /unknown shorthand flag: 'n' in -n/],
  ['sandbox demo -o csv', /allowed formats are: json$/m],
  ['sandbox experiment nothing', /there is no experiment "nothing"/],
  ['sandbox experiment', /NAME/],
  ['sandbox demo --batch many', /must be a whole number/],
];

describe('a command line that cannot be understood is refused before anything is done', () => {
  for (const [line, says] of BAD) {
    test(line, async () => {
      const ran = await runLine(line);
      assert.match(ran.stderr, says);
      assert.equal(ran.code, 2);
      assert.equal(ran.stdout, '');
      assert.deepEqual(ran.calls, []);
      assert.deepEqual(ran.worlds, []);
    });
  }
});

test('a usage error ends with where the help of that command is', async () => {
  const { stderr } = await runLine('drain nginx 0 --foo');
  assert.equal(stderr.trimEnd().split('\n').at(-1), "See 'kubectl zeroloss drain --help' for usage.");
});

test('an unknown command points at the help of the program, under the name it was called by', async () => {
  const { stderr } = await runLine('drian', { program: 'zeroloss' });
  assert.equal(stderr.trimEnd().split('\n').at(-1), "See 'zeroloss --help' for usage.");
});

test('messages are English in any locale', async () => {
  const { stderr } = await runLine('drain nginx 0 -n', { env: { LANG: 'zh_CN.UTF-8', LC_ALL: 'zh_CN.UTF-8' } });
  assert.match(stderr, /flag needs an argument/);
});

for (const line of ['drain nginx -o json', 'drain nginx 0 --foo --output=json', 'drian -ojson']) {
  test(`with -o json a usage error is data on stdout too: ${line}`, async () => {
    const ran = await runLine(line);
    const data = JSON.parse(ran.stdout) as Record<string, unknown>;
    assert.equal(data['kind'], 'Outcome');
    assert.equal(data['exitCode'], 2);
    assert.equal(data['changed'], false);
    assert.equal(ran.stderr.includes(String(data['error'])), true);
  });
}

test('with -o json every mistake of a command line stands beside its own hint', async () => {
  const ran = await runLine('upgrade nginx --batch x --timeout 5 -o json');
  const { error, details } = JSON.parse(ran.stdout) as { error: string; details: { errors: object[] } };
  assert.deepEqual(details.errors, [
    {
      error: 'invalid argument "x" for "--batch" flag: must be a whole number, 1 or more',
      hint: 'for example --batch=4',
    },
    {
      error: 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"',
      hint: 'did you mean 5s or 5m? a duration is a number and a unit (ms, s, m, h), for example 30s, 5m or 1h30m; 0 needs no unit',
    },
  ]);
  assert.equal(error, details.errors.map((each) => (each as { error: string }).error).join('\n'));
});

test('a usage error shows the corrected command with the name and the namespace of the one that was typed', async () => {
  const ran = await runLine('restore web --force -n prod');
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /^hint: kubectl zeroloss restore web --weights-only --force -n prod$/m);
});

for (const line of [
  'advance',
  'drain',
  'history',
  'pause',
  'plan',
  'recreate',
  'restore',
  'resume',
  'rollback',
  'status',
  'surge',
  'upgrade --image web=web:2',
  'verify',
  'wait-zero',
]) {
  test(`${line.split(' ', 1)} of a Deployment is refused with the reason, and with what can be done`, async () => {
    for (const target of ['deployment/web', 'deploy web']) {
      const { code, stderr, calls } = await runLine(`${line} ${target} ${line === 'drain' ? '0' : ''}`.trim());
      assert.equal(code, 2);
      assert.match(stderr, /^error: "deploy(ment)?" is not a type this command works on$/m);
      assert.match(stderr, /no ordinals, so no weight can be held for one of them/);
      assert.match(stderr, /kubectl zeroloss check deployment\/web /);
      assert.deepEqual(calls, []);
    }
  });
}
