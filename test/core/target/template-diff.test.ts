import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateDiff } from '../../../lib/core/target/template-diff.ts';

const template = (container: object) => ({ spec: { containers: [{ name: 'nginx', ...container }] } });

describe('the difference between two pod templates', () => {
  it('names the variable that changed, and shows neither its former value nor its new one', () => {
    const diff = templateDiff(
      template({
        env: [
          { name: 'DB_PASSWORD', value: 'hunter2' },
          { name: 'MODE', value: 'a' },
        ],
      }),
      template({
        env: [
          { name: 'DB_PASSWORD', value: 'correct-horse' },
          { name: 'MODE', value: 'a' },
        ],
      }),
    );
    assert.deepEqual(diff, [
      { path: 'spec.containers.nginx.env.DB_PASSWORD.value', before: '<masked 1>', after: '<masked 3>' },
    ]);
  });

  it('shows no value of a variable that is new', () => {
    const diff = templateDiff(template({ env: [] }), template({ env: [{ name: 'TOKEN', value: 'hunter2' }] }));
    assert.deepEqual(diff, [
      { path: 'spec.containers.nginx.env.TOKEN', before: '-', after: '{"name":"TOKEN","value":"<masked 1>"}' },
    ]);
  });

  it('shows which Secret a variable comes from', () => {
    const from = (name: string) => template({ env: [{ name: 'P', valueFrom: { secretKeyRef: { name, key: 'p' } } }] });
    const [change] = templateDiff(from('old'), from('new'));
    assert.deepEqual([change?.before, change?.after], ['old', 'new']);
  });

  for (const [title, before, after] of [
    ['with an equals sign', ['--db-password=hunter2'], ['--db-password=correct-horse']],
    ['as the next word', ['--api-key', 'hunter2'], ['--api-key', 'correct-horse']],
    ['in a line of a shell', ['sh', '-c', 'TOKEN=hunter2 run'], ['sh', '-c', 'TOKEN=correct-horse run']],
  ] as const)
    it(`shows no credential of a command, ${title}`, () => {
      const diff = templateDiff(template({ args: before }), template({ args: after }));
      assert.equal(diff.length, 1);
      assert.doesNotMatch(JSON.stringify(diff), /hunter2|correct-horse/);
    });

  it('shows words of a command that are no credentials, on one line', () => {
    const [change] = templateDiff(template({ args: ['--port=80'] }), template({ args: ['--port=81\nrestored nginx'] }));
    assert.deepEqual([change?.before, change?.after], ['--port=80', '--port=81 restored nginx']);
  });

  it('shows images as they are', () => {
    const [change] = templateDiff(template({ image: 'nginx:1' }), template({ image: 'nginx:2' }));
    assert.deepEqual([change?.before, change?.after], ['nginx:1', 'nginx:2']);
  });
});
