import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { portKeys } from '../../../lib/core/facts/backends.ts';
import { readService } from '../../../lib/core/facts/service-facts.ts';
import { SPECIFY_PROTOCOL, specifiedProtocols } from '../../../lib/core/facts/specify-protocol.ts';
import { serviceRules } from '../../../lib/core/safety/rules.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { keyText } from '../../../lib/core/weights/rs-weight.ts';
import { service, statefulSet } from '../../builders.ts';

const asking = (annotation: unknown, protocol: 'TCP' | 'UDP' = 'TCP') =>
  readService(
    service({
      ports: [{ port: 7000, protocol, targetPort: 7000 }],
      annotations: { [SPECIFY_PROTOCOL]: typeof annotation === 'string' ? annotation : JSON.stringify(annotation) },
    }),
  );
const on7000 = (...protocol: string[]) => ({ 7000: { protocol } });
const keys = (...asked: Parameters<typeof asking>): string[] => portKeys(asking(...asked)).map(keyText);
const rules = (annotation: unknown) =>
  serviceRules([asking(annotation)], readStatefulSet(statefulSet())).filter(({ rule }) => rule === 'specify-protocol');

describe('a Service port with listeners of its own choice', () => {
  it('has one key per kind of listener where it asks for two', () => {
    for (const both of [
      ['TCP', 'UDP'],
      ['UDP', 'TCP'],
      ['TCP_SSL', 'UDP'],
      ['TCP_SSL', 'QUIC'],
      ['HTTPS', 'QUIC'],
    ])
      assert.deepEqual(keys(on7000(...both)), ['TCP/7000', 'UDP/7000'], both.join());
    assert.deepEqual(keys(on7000('TCP', 'UDP'), 'UDP'), ['TCP/7000', 'UDP/7000']);
  });
  it('keeps the key that it declares where it asks for one, or for nothing that can be read', () => {
    for (const one of [on7000('TCP_SSL'), on7000('HTTP'), on7000(), { 80: { protocol: ['TCP', 'UDP'] } }, {}])
      assert.deepEqual(keys(one), ['TCP/7000'], JSON.stringify(one));
    for (const text of ['', '{', '[]', 'null', '"x"', '{"7000":null}', '{"7000":{"protocol":7}}'])
      assert.deepEqual(keys(text), ['TCP/7000'], text);
    assert.deepEqual(keys(on7000('UDP'), 'UDP'), ['UDP/7000']);
  });
  it('is refused where two of them would have the same key, with the annotation and what helps', () => {
    for (const both of [
      ['TCP', 'TCP_SSL'],
      ['HTTP', 'HTTPS'],
      ['UDP', 'QUIC'],
      ['TCP', 'UDP', 'TCP_SSL'],
    ]) {
      const [refusal] = rules(on7000(...both));
      assert.match(refusal?.message ?? '', /service\/nginx asks for \S+ and \S+ listeners on one port 7000/);
      assert.match(refusal?.message ?? '', /annotation service\.cloud\.tencent\.com\/specify-protocol/);
      assert.match(String(refusal?.cure), /^kubectl edit service nginx .*a Service port of its own/);
    }
    assert.deepEqual(rules(on7000('TCP', 'UDP')), []);
    assert.deepEqual(rules(on7000('TCP', 'TCP')), []);
  });
  it('is read port by port', () => {
    assert.deepEqual(
      [...specifiedProtocols('{"80":{"protocol":["TCP","UDP"]},"81":{"tls":"x"}}')],
      [
        [80, ['TCP', 'UDP']],
        [81, []],
      ],
    );
  });
});
