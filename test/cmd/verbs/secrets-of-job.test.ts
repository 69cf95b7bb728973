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

  for (const output of ['job', 'argo'])
    for (const [flags, found] of [
      [['--metric=open', '--metrics-path=/metrics?token=s3cret'], '--metrics-path has a credential \\(token\\)'],
      [['--gate-command=curl -H "Authorization: Bearer s3cret" http://web'], '--gate-command has a credential'],
      [["--notify-command=curl -H 'X-Api-Key: s3cret' http://web"], '--notify-command has a credential'],
      [['--gate-command=curl -u bot:s3cret http://web'], '--gate-command has a user with a password'],
      [['--metric=open', '--debug-image=https://bot:s3cret@registry/x'], '--debug-image has a URL with a password'],
    ] as const)
      it(`never holds the credential of ${flags.at(-1)} with -o ${output}`, async () => {
        const words = JOB.map((word) => (word === 'job' ? output : word));
        const { code, stdout, stderr, calls } = await run([...words, ...flags]);
        assert.deepEqual([code, calls.length], [2, 0]);
        assert.match(stderr, new RegExp(`^error: ${found}.*, which would stand in the manifest$`, 'm'));
        assert.doesNotMatch(stdout + stderr, /s3cret/);
      });

  it('takes a credential that the shell puts in, and names the keys of its Secret as variables', async () => {
    const gate = (token: string) => `--gate-command=curl -H "Authorization: Bearer ${token}" http://web`;
    assert.equal((await run([...JOB, gate('$TOKEN')])).code, 0);
    const { stderr } = await run([...JOB, gate('s3cret')]);
    assert.match(
      stderr,
      /put a variable in its place \("\$NAME"; each key of the Secret key is one\), or put the command into/,
    );
  });

  it('takes a query of its metrics that is no credential, and any label', async () => {
    const query = ['--metric=open{secret="web"}', '--metrics-path=/metrics?format=prometheus'];
    assert.equal((await run([...JOB, ...query])).code, 0);
  });
});
