import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError, InterruptedError, NotYetError, RefusedError, StatusError } from '../../lib/core/errors.ts';
import { advice, kubectl, lines, own } from '../../lib/core/values/command.ts';
import { outcomeOf, run, runLine } from './harness.ts';

test('a verb prints its result on stdout and what may follow on stderr', async () => {
  const ran = await runLine('-n prod drain nginx 0,1');
  assert.equal(ran.stdout, 'service/nginx drained (ordinals 0,1 on TCP-80)\n');
  assert.equal(ran.stderr, 'next: kubectl zeroloss wait-zero nginx -n prod\n');
});

test("an outcome's exit code is the program's", async () => {
  for (const exitCode of [0, 3, 6, 7] as const) {
    assert.equal((await runLine('advance nginx', { flow: () => outcomeOf({ exitCode }) })).code, exitCode);
  }
});

test('a refusal exits with 4, leaves stdout empty, and is data with -o json', async () => {
  const flow = () => {
    throw new RefusedError([{ rule: 'floor', message: 'too few', override: '--min-serving' }]);
  };
  const plain = await runLine('drain nginx 0', { flow });
  assert.deepEqual([plain.code, plain.stdout], [4, '']);
  const { stdout, stderr, code } = await runLine('drain nginx 0 -o json', { flow });
  const data = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(code, 4);
  assert.deepEqual(data['target'], { namespace: 'default', name: 'nginx' });
  assert.deepEqual(data['refusals'], [{ rule: 'floor', message: 'too few', override: '--min-serving' }]);
  assert.match(stderr, /floor: too few/);
});

test('an answer of the server is shown in its own words, and so is a connection that cannot be opened', async () => {
  const forbidden = await runLine('status nginx', {
    flow: () => {
      throw new StatusError(403, 'Forbidden', 'pods is forbidden');
    },
  });
  assert.deepEqual([forbidden.code, forbidden.stderr], [1, 'Error from server (Forbidden): pods is forbidden\n']);
  const closed = await runLine('status nginx', {
    openWorld: () => Promise.reject(new ConnectionError('error: no cluster to talk to')),
  });
  assert.deepEqual([closed.code, closed.stdout, closed.stderr], [1, '', 'error: no cluster to talk to\n']);
});

test('an unexpected error exits with 1 and one line', async () => {
  const ran = await runLine('status nginx', {
    flow: () => {
      throw new TypeError('x is not a function');
    },
  });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /^error: x is not a function\nhint: /);
});

test('an interrupted verb exits with 130 and names the way on and the way back', async () => {
  const controller = new AbortController();
  const ran = await runLine('recreate nginx -n prod', {
    signal: controller.signal,
    flow: () => {
      controller.abort(new InterruptedError('SIGINT', 'interrupted'));
      throw new ConnectionError('the request was aborted');
    },
  });
  assert.equal(ran.code, 130);
  assert.match(ran.stderr, /^error: recreate was interrupted; completed writes stay, nothing more will be written/);
  assert.match(ran.stderr, /^hint: to go on: the same command again$/m);
  assert.match(ran.stderr, /^hint: to go back: kubectl zeroloss restore nginx -n prod$/m);
});

test('an interrupted verb has what it has written among its results', async () => {
  const result = { object: 'service/nginx', action: 'drained', changed: true };
  for (const error of [new ConnectionError('the request was aborted'), new InterruptedError('SIGINT', 'interrupted')]) {
    const controller = new AbortController();
    const ran = await runLine('drain nginx 0 -o json', {
      signal: controller.signal,
      flow: () => {
        controller.abort(error instanceof InterruptedError ? error : new InterruptedError('SIGINT', 'interrupted'));
        throw error.inWhole({ results: [result] });
      },
    });
    assert.equal(ran.code, 130);
    assert.deepEqual(JSON.parse(ran.stdout).results, [result]);
  }
});

test('a verb that fails after a write prints on stdout what it has written, once, and then the error', async () => {
  const result = { object: 'service/nginx', action: 'restored', changed: true, note: 'ordinals 0,1 on TCP/80' };
  const ran = await runLine('restore nginx', {
    flow: () => {
      throw new ConnectionError('the request failed').inWhole({
        results: [result, { ...result, object: 'service/other', changed: false }],
      });
    },
  });
  assert.equal(ran.stdout, 'service/nginx restored (ordinals 0,1 on TCP/80)\n');
  assert.match(ran.stderr, /^error: the request failed/);
});

test('an interrupted wait says what it keeps, and not that nothing was written', async () => {
  const controller = new AbortController();
  const ran = await runLine('wait-zero nginx', {
    signal: controller.signal,
    flow: (world) => {
      controller.abort(new InterruptedError('SIGINT', 'interrupted'));
      throw world.signal.reason;
    },
  });
  assert.equal(ran.code, 130);
  assert.match(
    ran.stderr,
    /changed no weight and deleted no pod; what remains: the time at which it saw weight 0, on the Services$/m,
  );
  assert.doesNotMatch(ran.stderr, /nothing was written/);
});

test('a verb that only reads, and a dry run, shows on an interruption that nothing was written, and offers no way back', async () => {
  for (const line of [
    'plan nginx',
    'status nginx',
    'drain nginx 0 --dry-run=client',
    'wait-zero nginx --dry-run=server',
    'upgrade nginx --image a=b --dry-run=server',
  ]) {
    const controller = new AbortController();
    const ran = await runLine(line, {
      signal: controller.signal,
      flow: (world) => {
        controller.abort(new InterruptedError('SIGINT', 'interrupted'));
        throw world.signal.reason;
      },
    });
    assert.equal(ran.code, 130);
    assert.match(ran.stderr, /^error: [\w-]+ was interrupted; nothing was written$/m, line);
    assert.doesNotMatch(ran.stderr, /restore|stays/);
  }
});

test('status -w ends quietly with Ctrl-C and with SIGTERM, and keeps their exit codes: it has no other end', async () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    for (const output of ['', '-o json', '-o wide']) {
      const controller = new AbortController();
      const ran = await runLine(`status nginx -w ${output}`.trim(), {
        signal: controller.signal,
        flow: (world) => {
          controller.abort(new InterruptedError(signal, 'interrupted'));
          throw world.signal.reason;
        },
      });
      assert.deepEqual([ran.code, ran.stdout, ran.stderr], [code, '', '']);
    }
});

test('SIGTERM exits with 143', async () => {
  const controller = new AbortController();
  const ran = await runLine('drain nginx 0', {
    signal: controller.signal,
    flow: (world) => {
      controller.abort(new InterruptedError('SIGTERM', 'terminated'));
      throw world.signal.reason;
    },
  });
  assert.equal(ran.code, 143);
});

test('a token on the command line is never shown', async () => {
  const ran = await runLine('status nginx --token s3cr3t-token -v 9', {
    flow: (world) => {
      world.report.trace(8, 'Authorization: Bearer s3cr3t-token');
      throw new ConnectionError('server said: bad token s3cr3t-token');
    },
  });
  assert.doesNotMatch(ran.stderr, /s3cr3t-token/);
  assert.match(ran.stderr, /<masked>/);
});

test('progress goes to stderr alone', async () => {
  const ran = await runLine('wait-zero nginx -o json', {
    flow: (world) => {
      world.report.progress('3 connections left');
      return outcomeOf({ verb: 'wait-zero' });
    },
  });
  assert.match(ran.stderr, /^3 connections left\n/);
  assert.equal((JSON.parse(ran.stdout) as Record<string, unknown>)['verb'], 'wait-zero');
});

test('version prints both versions, and the client alone with --client', async () => {
  const getText = async (path: string) => (path === '/version' ? '{"gitVersion":"v1.33.0"}' : '{}');
  const both = await runLine('version', { getText });
  assert.match(both.stdout, /^Client Version: v\d+\.\d+\.\d+\nServer Version: v1\.33\.0\n$/);
  const client = await runLine('version --client');
  assert.match(client.stdout, /^Client Version: v\S+\n$/);
  assert.deepEqual(client.worlds, []);
  const data = JSON.parse((await runLine('version -o json', { getText })).stdout) as Record<string, object>;
  assert.deepEqual(data['serverVersion'], { gitVersion: 'v1.33.0' });
  assert.deepEqual(data['clientVersion'] && 'platform' in data['clientVersion'], true);
});

test('version against something else than an API server says what it brought, and is no unexpected error', async () => {
  for (const [page, told] of [
    ['<html><title>Log in</title></html>', /brought no JSON object: Log in$/m],
    ['', /brought no JSON object: nothing$/m],
    ['[1]', /brought no JSON object: \[1\]$/m],
  ] as const) {
    const { code, stdout, stderr } = await runLine('version', { getText: async () => page });
    assert.equal(code, 1);
    assert.match(stdout, /^Client Version: v[^\n]+\n$/);
    assert.match(stderr, told);
    assert.match(stderr, /^hint: the answer is not from a Kubernetes API server/m);
    assert.doesNotMatch(stderr, /unexpected/);
  }
});

test('version prints the client even when the server does not answer, and exits with 1', async () => {
  const ran = await runLine('version', {
    getText: () => Promise.reject(new ConnectionError('Unable to connect to the server: EOF')),
  });
  assert.match(ran.stdout, /^Client Version: v\S+\n$/);
  assert.deepEqual([ran.code, ran.stderr], [1, 'Unable to connect to the server: EOF\n']);
});

test('a suggested command goes to the same server as the same user, and holds no credential', async () => {
  const where = [
    ...['--kubeconfig=k', '--context=c', '--cluster=cl', '--user=u', '--server=https://h:6443', '--tls-server-name=t'],
    ...['--certificate-authority=/ca', '--client-certificate=/crt', '--client-key=/key', '--as=alice', '--as-uid=7'],
    ...['--as-group=a', '--as-group=b', '--as-user-extra=k=v', '--insecure-skip-tls-verify', '--token=t0ken'],
    ...['-n', 'prod', '--secret-id=s3cretid', '--secret-key=s3cretkey', '--region=ap-x'],
  ];
  const flow = () => {
    throw new NotYetError('late', lines(kubectl('get', 'pods'), advice`to go back: ${own('restore', 'nginx')}`));
  };
  const { stderr } = await run(['drain', 'nginx', '0', ...where], { flow });
  const connection =
    '--kubeconfig k --context c --cluster cl --user u --server https://h:6443 --tls-server-name t --certificate-authority /ca --client-certificate /crt --client-key /key --as alice --as-uid 7 --as-group a --as-group b --as-user-extra k=v --insecure-skip-tls-verify -n prod';
  assert.ok(stderr.includes(`hint: kubectl ${connection} get pods\n`), stderr);
  assert.ok(stderr.includes(`to go back: kubectl zeroloss restore nginx ${connection} --region ap-x\n`), stderr);
  assert.doesNotMatch(stderr, /t0ken|s3cret/);
  const careful = await run(['drain', 'nginx', '0', '--insecure-skip-tls-verify=false'], { flow });
  assert.ok(careful.stderr.includes('hint: kubectl get pods\n'), careful.stderr);
});

test('a command in what an outcome says reaches the same cluster too', async () => {
  const message = advice`ordinal 0 stays; ${own('restore', 'nginx', '0')} gives it weight too`;
  const flow = () => outcomeOf({ message });
  const { stderr, stdout } = await run(['restore', 'nginx', '--context=c', '-o', 'json'], { flow });
  const shown = 'ordinal 0 stays; kubectl zeroloss restore nginx 0 --context c gives it weight too';
  assert.ok(stderr.includes(shown), stderr);
  assert.equal((JSON.parse(stdout) as { message: string }).message, shown);
});
