import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gatesOf, refuseUnclearGates } from '../../cmd/flags/gate-flags.ts';
import { isRunning, leaseHolder, placeMark } from '../../cmd/surroundings/lease-holder.ts';
import { ConnectionError, UsageError } from '../../lib/core/errors.ts';
import { commandGate } from '../../lib/gates/command-gate.ts';
import { queryGate } from '../../lib/gates/query-gate.ts';
import { withoutShell } from '../../lib/gates/run-shell.ts';
import { until, untilGone } from '../fakes/processes.ts';

const signal = new AbortController().signal;

describe('a gate that is a command', () => {
  it('names the image with a shell where there is none to start it, and nothing for another failure', () => {
    const missing = Object.assign(new Error('spawn /bin/sh ENOENT'), { code: 'ENOENT' });
    assert.match(withoutShell(missing) ?? '', /^there is no shell here; .*--target shell \(deploy\/Dockerfile\)$/);
    for (const other of [Object.assign(new Error(''), { code: 'EACCES' }), new Error('x'), undefined])
      assert.equal(withoutShell(other), undefined);
  });
  it('holds on exit code 0', async () =>
    assert.equal(await commandGate('exit 0', process.env).failsBecause(signal), undefined));
  it('says the exit code and the last words otherwise', async () => {
    assert.equal(
      await commandGate('echo "5 errors a second" >&2; exit 3', process.env).failsBecause(signal),
      'exit code 3: 5 errors a second',
    );
  });
  it('says the last words of a long story, not the first', async () => {
    const because = await commandGate('seq 1 500; echo too slow; exit 1', process.env).failsBecause(signal);
    assert.match(because ?? '', /^exit code 1: [\s\S]{100,200}500\ntoo slow$/);
  });
  it('does not hold when it does not end, nor when what it started holds its output', async () => {
    for (const command of ['exec sleep 30', 'sleep 30; exit 0', 'trap "" TERM; sleep 30; sleep 30', 'sleep 30 | cat'])
      assert.match(
        (await commandGate(`echo so far; ${command}`, process.env, 1_000).failsBecause(signal)) ?? '',
        /^did not end within 1s and was killed: so far$/,
      );
  });
  it('is ended with all that it started at the limit, and when the verb is interrupted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gate-'));
    const pid = join(folder, 'pid');
    const command = `sleep 60 & echo $! >${pid}.new; mv ${pid}.new ${pid}; wait`;
    const reason = new Error('interrupted');
    for (const end of ['limit', 'interruption']) {
      const controller = new AbortController();
      const because = commandGate(command, process.env, end === 'limit' ? 1000 : 60_000).failsBecause(
        controller.signal,
      );
      const started = await until(() => (existsSync(pid) ? Number(readFileSync(pid, 'utf8')) : undefined));
      if (end === 'interruption') controller.abort(reason);
      if (end === 'interruption') await assert.rejects(because, reason);
      else assert.match((await because) ?? '', /^did not end within/);
      await untilGone(started);
      await rm(pid);
    }
    await rm(folder, { recursive: true });
  });
  it('is decided by its own end, with any process left running', async () => {
    for (const [code, expected] of [
      [0, undefined],
      [3, 'exit code 3: early'],
    ] as const) {
      const folder = await mkdtemp(join(tmpdir(), 'gate-'));
      const pid = join(folder, 'pid');
      const command = `echo early; sleep 60 & echo $! >${pid}; exit ${code}`;
      assert.equal(await commandGate(command, process.env).failsBecause(signal), expected);
      process.kill(Number(readFileSync(pid, 'utf8')));
      await rm(folder, { recursive: true });
    }
  });
  it('is quoted whole, where a character comes in two pieces', async () => {
    const command = "printf '\\344\\275'; sleep 0.1; printf '\\240\\345\\245\\275'; exit 1";
    assert.equal(await commandGate(command, process.env).failsBecause(signal), 'exit code 1: 你好');
  });
});

describe('a gate that is a query', () => {
  let server: Server;
  let answer: { status: number; body: string };
  let asked: string | undefined;
  let authorization: string | undefined;
  let silent = false;
  let base: URL;
  before(async () => {
    server = createServer((request, response) => {
      asked = request.url;
      authorization = request.headers.authorization;
      if (silent) return;
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/prom/`);
  });
  after(() => new Promise((resolve) => server.close(resolve)));

  const vector = (...values: string[]) =>
    JSON.stringify({
      status: 'success',
      data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) },
    });
  const ask = (body: string, status = 200) => {
    answer = { status, body };
    return queryGate('up{job="nginx"}', base, {}).failsBecause(signal);
  };

  it('holds when every value is true, and is asked under the server’s own path', async () => {
    assert.equal(await ask(vector('1', '0.5')), undefined);
    assert.equal(asked, '/prom/api/v1/query?query=up%7Bjob%3D%22nginx%22%7D');
  });
  it('holds on a scalar that is true', async () => {
    assert.equal(
      await ask(JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [1, '1'] } })),
      undefined,
    );
  });
  for (const [what, body, because] of [
    ['nothing', vector(), /returns nothing/],
    ['a 0', vector('1', '0'), /1 of 2 values are not true \(0\)/],
    ['NaN', vector('NaN'), /not true \(NaN\)/],
    ['an error', JSON.stringify({ status: 'error', error: 'parse error' }), /parse error/],
  ] as const) {
    it(`does not hold on ${what}`, async () => assert.match((await ask(body)) ?? '', because));
  }
  it('fails when no answer comes in time, and when the verb is interrupted', async (t) => {
    silent = true;
    t.after(() => {
      silent = false;
      server.closeAllConnections();
    });
    await assert.rejects(
      queryGate('up', base, {}, 50).failsBecause(signal),
      (error) => error instanceof ConnectionError && /timeout/.test(error.message),
    );
    const controller = new AbortController();
    const answer = queryGate('up', base, {}, 5000).failsBecause(controller.signal);
    controller.abort(new Error('interrupted'));
    await assert.rejects(answer, (error) => error instanceof ConnectionError && /interrupted/.test(error.message));
  });
  it('sends a user and password in the URL as basic auth, and never shows them', async () => {
    const url = new URL(base);
    url.username = 'us er';
    url.password = 'p@ss%zz';
    answer = { status: 200, body: vector('1') };
    assert.equal(await queryGate('up', url, {}).failsBecause(signal), undefined);
    const [, sent = ''] = (authorization ?? '').split(' ');
    assert.equal(Buffer.from(sent, 'base64').toString(), 'us er:p@ss%zz');
    answer = { status: 401, body: 'no' };
    await assert.rejects(queryGate('up', url, {}).failsBecause(signal), (error: Error) => {
      assert.match(error.message, /^Prometheus at 127\.0\.0\.1:\d+ could not be asked: HTTP 401: no$/);
      return true;
    });
    assert.doesNotMatch(queryGate('up', url, {}).name, /p@ss/);
  });
  it('fails when it cannot be asked, which is not holding', async () => {
    await assert.rejects(ask('<html>', 200), ConnectionError);
    await assert.rejects(ask('{}', 503), ConnectionError);
  });
});

describe('gates on the command line', () => {
  const none = { gateCommand: undefined, gateQuery: undefined, prometheus: undefined };
  it('are none unless asked for', async () => assert.deepEqual(await gatesOf(none, {}), []));
  it('want a server for a query, and a URL for the server', () => {
    assert.throws(() => refuseUnclearGates({ ...none, gateQuery: 'up' }), UsageError);
    assert.throws(() => refuseUnclearGates({ ...none, gateQuery: 'up', prometheus: 'prometheus:9090' }), UsageError);
    for (const prometheus of ['jane:s3cret@prometheus:9090', 'ftp://jane:s3c@ret@p', 'http://jane:s3cret@[bad'])
      assert.throws(
        () => refuseUnclearGates({ ...none, gateQuery: 'up', prometheus }),
        (error: Error) => {
          assert.ok(error instanceof UsageError);
          assert.doesNotMatch(error.message, /s3c|ret@/);
          return true;
        },
      );
  });
});

describe('--prometheus', () => {
  const gate = { gateCommand: undefined, gateQuery: 'up' };
  it('is refused with a query or a fragment, which no request would carry, and neither is shown', () => {
    for (const prometheus of ['http://prom:9090?token=s3cret', 'http://prom/#s3cret', 'HTTP://prom/x?token=s3cret'])
      assert.throws(
        () => refuseUnclearGates({ ...gate, prometheus }),
        (error: Error) => error instanceof UsageError && !/s3cret/.test(`${error.message}${error.hint}`),
      );
  });
});

describe('the holder of a lease', () => {
  it('knows that a process of this machine is gone, and nothing of others', () => {
    const me = leaseHolder({ operator: () => 'me@here', pid: 10, mark: () => 'a1', isRunning: (pid) => pid === 11 });
    assert.equal(me.identity, 'me@here/10#a1');
    assert.equal(me.isGone('me@here/9#a1'), true);
    assert.equal(me.isGone('me@here/11#a1'), false);
    assert.equal(me.isGone('somebody@elsewhere/9#a1'), false);
  });
  it('does not take another container’s process for its own, though user, host name and process id are the same', () => {
    const place = { operator: () => 'root@node-7', pid: 1, isRunning: (pid: number) => pid === 1 };
    const [one, other] = ['a1', 'b2'].map((mark) => leaseHolder({ ...place, mark: () => mark }));
    assert.notEqual(one?.identity, other?.identity);
    assert.equal(one?.isGone('root@node-7/1#b2'), false);
    assert.equal(one?.isGone('root@node-7/17#b2'), false);
    assert.equal(one?.isGone('root@node-7/17'), false, 'by an older version, nobody knows where');
  });
  it('knows that a process is gone that has ended, though its parent has not asked for its end', async (t) => {
    // Only Linux shows the state of a process as a file.
    if (process.platform !== 'linux') return;
    // A parent that never asks, as "sleep infinity" in a container.
    const parent = spawn('bash', ['-c', 'exec 3<&0; cat <&3 >/dev/null & echo $!; exec sleep 30'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    t.after(() => parent.kill('SIGKILL'));
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(printed);
    // As long as it is bash it does ask.
    await until(() => (readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n' ? true : undefined));
    assert.equal(isRunning(pid), true);
    parent.stdin.end();
    await until(() => (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) ? true : undefined));
    const me = leaseHolder({ operator: () => 'me@here', pid: 10, mark: () => 'a1', isRunning });
    assert.equal(me.isGone(`me@here/${pid}#a1`), true);
    assert.equal(me.isGone(`me@here/${parent.pid}#a1`), false);
    assert.equal(me.isGone(`me@here/${process.pid}#a1`), false);
  });
  it('gives one place the same mark always, and none where the system does not show it', () => {
    assert.match(placeMark(), process.platform === 'linux' ? /^[0-9a-f]{8}-\d+$/ : /^$/);
    assert.equal(placeMark(), placeMark());
    const holder = leaseHolder({ operator: () => 'me@here', pid: 10, mark: () => '', isRunning: () => false });
    assert.equal(holder.identity, 'me@here/10');
    assert.equal(holder.isGone('me@here/9'), true);
  });
});
