import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionError, isPassing, StatusError } from '../../../lib/core/errors.ts';
import type { ExecResult } from '../../../lib/ports.ts';
import { both, from, listener, noCat, open, sidecars } from './opened.ts';
import { TCP, table } from './tables.ts';

const failed = (exitCode: number, stderr: string, stdout = ''): ExecResult => ({ exitCode, stderr, stdout });
const good = both([listener, from('192.0.2.1')]);
const runtime = 'OCI runtime exec failed: exec failed: unable to start container process: ';
const notAllowed = failed(126, `${runtime}exec: "cat": permission denied: unknown\n`);

/** Ways in which `cat` fails, none of which says that there is none. */
const FAILURES: Record<string, () => ExecResult | Promise<ExecResult>> = {
  'may not read /proc': () =>
    failed(1, 'cat: /proc/net/tcp: Permission denied\ncat: /proc/net/tcp6: Permission denied\n'),
  'is killed': () => failed(137, ''),
  'prints a table that is cut off': () => ({ ...good, stdout: good.stdout.slice(0, -20) }),
  'is refused by the runtime for a reason of its own': () => failed(126, `${runtime}no space left on device\n`),
  'cannot be started, as a failure of the exec itself': () =>
    Promise.reject(
      new StatusError(500, 'InternalError', `failed to exec in container: ${runtime}resource temporarily unavailable`),
    ),
};

describe('a container in which cat', () => {
  for (const [how, bad] of Object.entries(FAILURES)) {
    it(`${how} leaves the next one to be asked`, async () => {
      const { prove, asked } = open({
        pod: sidecars,
        answer: (container) => (container === 'nginx' ? bad() : good),
      });
      const proof = await prove();
      assert.deepEqual([proof?.countable, asked], [true, ['nginx', 'shell']]);
      assert.match(proof?.because ?? '', /container shell/);
    });
    it(`${how} is no reason to count without the pod: another time it may be read`, async () => {
      const { prove, warnings } = open({ pod: sidecars, answer: bad, debugImage: 'busybox' });
      await assert.rejects(prove(), (error) => {
        assert.ok(error instanceof ConnectionError && isPassing(error));
        assert.match(
          error.message,
          /^the sockets of pod\/nginx-0 cannot be read: container nginx: .*; container shell: /,
        );
        return true;
      });
      assert.deepEqual(warnings, []);
    });
  }
  it('fails in the middle of a wait gives way to the next one', async () => {
    let nginx = good;
    const { prove, read, asked } = open({
      pod: sidecars,
      answer: (container) => (container === 'nginx' ? nginx : good),
    });
    await prove();
    nginx = failed(137, '');
    asked.length = 0;
    assert.equal((await read())?.points[0]?.value, 1);
    assert.ok(asked.includes('shell'));
  });
  for (const [how, missing] of [
    ['may not be run', () => notAllowed],
    ['is missing, by the exit code alone', () => failed(127, '找不到命令\n')],
    ['is missing, in the words of crun', () => failed(126, 'executable file `cat` not found in $PATH: No such file\n')],
    [
      'is missing, in the words of gVisor',
      () =>
        Promise.reject(
          new StatusError(
            500,
            'InternalError',
            'error finding executable "cat" in PATH [/bin]: no such file or directory',
          ),
        ),
    ],
  ] as [string, () => ExecResult | Promise<ExecResult>][])
    it(`${how} is one without cat, and another image would help`, async () => {
      const { prove } = open({ answer: missing });
      const proof = await prove();
      assert.equal(proof?.countable, false);
      assert.match(proof?.because ?? '', /no container of pod nginx-0 has cat \(nginx\); --debug-image/);
      const helped = open({
        debugImage: 'busybox',
        answer: (container) => (container === 'nginx' ? missing() : good),
      });
      assert.equal((await helped.prove())?.countable, true);
    });
  it('fails while the runtime misses a file of its own is not one without cat', async () => {
    const race = new StatusError(500, 'InternalError', 'open /run/containerd/init.pid: no such file or directory');
    await assert.rejects(open({ answer: () => Promise.reject(race) }).prove(), isPassing);
  });
  it('has none, beside one in which cat fails, does not make the pod one without cat', async () => {
    const { prove } = open({
      pod: sidecars,
      answer: (container) => (container === 'nginx' ? noCat : failed(137, '')),
    });
    await assert.rejects(
      prove(),
      (error) => isPassing(error) && /container shell: .*exit code 137/.test(error.message),
    );
  });
});

for (const text of ['No such file or directory', '没有那个文件或目录', '沒有此一檔案或目錄'])
  it(`a kernel without IPv6 has no IPv6 connection, also where cat says "${text}"`, async () => {
    const answer = () => failed(1, `cat: /proc/net/tcp6: ${text}\n`, table(TCP, [listener, from('192.0.2.1')]));
    assert.equal((await open({ answer }).read())?.points[0]?.value, 1);
  });
