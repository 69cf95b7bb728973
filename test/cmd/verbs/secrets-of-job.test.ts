/** No password that is typed for a gate or a notice stands in a manifest, which others read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run } from '../harness.ts';

const JOB = ['plan', 'nginx', '-o', 'job', '--job-image', 'zeroloss:v1', '--job-secret', 'key'];

describe('a Job of plan', () => {
  for (const server of [
    'http://admin:s3cret@prom:9090',
    'HTTP://admin:s3cret@prom:9090',
    'http:/admin:s3cret@prom:9090',
    'http:admin:s3cret@prom:9090',
    String.raw`http:\\admin:s3cret@prom:9090`,
    ' http://admin:s3cret@prom:9090',
    'https://s3cret@prom',
  ])
    it(`never holds the password of ${JSON.stringify(server)}, though the gate of an upgrade takes it`, async () => {
      const gate = ['--gate-query=up', `--prometheus=${server}`];
      const { code, stderr, calls } = await run([...JOB, ...gate]);
      assert.deepEqual([code, calls.length], [2, 0]);
      assert.match(stderr, /^error: --prometheus has a password, which would stand in the manifest$/m);
      assert.doesNotMatch(stderr, /s3cret/);
      assert.equal((await run(['upgrade', 'nginx', '--restart', '--dry-run=client', ...gate])).code, 0);
    });

  it('never holds a password that a command has in a URL, and takes one that the shell puts in', async () => {
    for (const flag of ['--gate-command', '--notify-command']) {
      const { code, stderr, calls } = await run([...JOB, `${flag}=curl -f https://bot:s3cret@hooks/x`]);
      assert.deepEqual([code, calls.length], [2, 0]);
      assert.match(stderr, new RegExp(`^error: ${flag} has a URL with a password`, 'm'));
      assert.doesNotMatch(stderr, /s3cret/);
      assert.equal((await run([...JOB, `${flag}=curl -f https://bot:$PASSWORD@hooks/x`])).code, 0);
    }
  });
});
