import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CORE_SCHEMA, loadAll, mergeTag } from 'js-yaml';
import { readPlainYaml } from '../../../lib/kube/config/plain-yaml.ts';

const wholly = (text: string): unknown =>
  loadAll(text, { json: true, schema: CORE_SCHEMA.withTags(mergeTag) })[0] ?? {};

const WRITTEN = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSQ==
    server: https://cls-x1.ccs.tencent-cloud.com:443/path
  name: cls-x1
contexts:
- context:
    cluster: cls-x1
    namespace: "default"
    user: "100001234"
  name: cls-x1-context-default
current-context: cls-x1-context-default
kind: Config
preferences: {}
# a comment
users:
  - name: "100001234"
    user:
      client-certificate: /root/.kube/client.crt
      insecure-skip-tls-verify: true
      exec:
        apiVersion: client.authentication.k8s.io/v1
        args:
        - token
        - --cluster=cls-x1
        command: tke-auth
        env:
        interactiveMode: IfAvailable

`;

describe('a kubeconfig as kubectl and the clouds write it', () => {
  it('is read without a whole parser for YAML', () => {
    assert.deepEqual(readPlainYaml(WRITTEN), wholly(WRITTEN));
    assert.ok(readPlainYaml(WRITTEN) !== undefined);
  });

  it('is left to the whole parser where anything in it is not plain', () => {
    for (const text of [
      '',
      ' a: b',
      'a: 12',
      'a: 1e3',
      'a: Null',
      'a: TRUE',
      'a: ~',
      'a: b #c',
      'a: b: c',
      'a: b\n  c',
      'a: b\n  c: d',
      'a:\n  b: c\n d: e',
      'a: "b\\n"',
      "a: 'b'",
      'a: |\n  b',
      'a: &b c',
      'a: *b',
      'a: !!str b',
      'a: [b]',
      'a: {b: c}',
      'a: b\na: c',
      '<<: a',
      '? a',
      'a: b\n---\nc: d',
      'a: b\r\nc: d\r\n',
      'a:\tb',
      '- - a',
      '-',
      '- a\nb: c',
      '- a: b\n  - c',
      'a: b\n- c',
      'a',
      'a: ü',
      '__proto__: a',
      'a:\n- b\n  c: d',
    ])
      assert.equal(readPlainYaml(text), undefined, JSON.stringify(text));
  });

  it('gives what the whole parser gives, whatever was changed in it', () => {
    const lines = WRITTEN.split('\n');
    const piece = fc.constantFrom(
      ' ',
      '  ',
      '- ',
      '-',
      ':',
      ': ',
      '#',
      ' #',
      '"',
      "'",
      '\n',
      'a',
      '0',
      '~',
      '{}',
      'true',
    );
    const change = fc.record({
      at: fc.nat({ max: WRITTEN.length }),
      gone: fc.constantFrom(0, 0, 1, 2, 4),
      piece: fc.oneof(piece, fc.constant(''), fc.string({ maxLength: 2 })),
    });
    const someLines = fc.array(fc.constantFrom(...lines), { maxLength: 12 }).map((some) => some.join('\n'));
    let read = 0;
    fc.assert(
      fc.property(
        fc.oneof(fc.constant(WRITTEN), someLines),
        fc.array(change, { minLength: 0, maxLength: 3 }),
        (base, changes) => {
          const text = changes.reduce(
            (all, { at, gone, piece: put }) => all.slice(0, at) + put + all.slice(at + gone),
            base,
          );
          const plain = readPlainYaml(text);
          if (plain === undefined) return;
          read += 1;
          assert.deepEqual(plain, wholly(text), text);
        },
      ),
      { numRuns: 3000 },
    );
    assert.ok(read > 300, `${read} texts were plain`);
  });
});
