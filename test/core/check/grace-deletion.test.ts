import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { graceFinding } from '../../../lib/core/check/grace-deletion.ts';
import { readService, type ServiceFacts } from '../../../lib/core/facts/service-facts.ts';
import { known, unknown } from '../../../lib/core/values/known.ts';
import type { KubeObject } from '../../../lib/ports.ts';

type Text = 'true' | 'false' | 'yes' | undefined;

const service = (text: Text, index = 0): ServiceFacts =>
  readService({
    metadata: {
      name: `web-${index}`,
      annotations: text === undefined ? {} : { 'service.cloud.tencent.com/enable-grace-deletion': text },
    },
  } as unknown as KubeObject);

/** `null`: the ConfigMap cannot be read. */
const find = (globally: Text | null, ...annotations: Text[]) => {
  const { level, message } = graceFinding({
    controller:
      globally === null
        ? unknown('configmaps is forbidden')
        : known(globally === undefined ? {} : { EnablePodGracefulDeletion: globally }),
    services: annotations.map(service),
  });
  return `${level} ${message}`;
};

const ON = /^OK TKE's grace deletion is on: a deleted pod stays until its weight is 0/;
const OFF = /^OK TKE's grace deletion is off; it is not needed here$/;

describe("TKE's grace deletion", () => {
  it('is on by the global switch, and off without it', () => {
    assert.match(find('true', undefined), ON);
    assert.match(find('false', undefined), OFF);
    assert.match(find(undefined, undefined), OFF);
    assert.match(find('true'), ON);
  });

  it('is on by the annotation of every Service, with any global switch', () => {
    assert.match(find('false', 'true', 'true'), ON);
    assert.match(find(null, 'true'), ON);
  });

  it('is off for a Service whose annotation says false, although the global switch is on', () => {
    assert.match(find('true', 'false'), OFF);
    assert.match(find(null, 'false'), OFF);
  });

  it('of one Service of two is not on: it names both', () => {
    const both = /^OK TKE's grace deletion is on for service\/web-0 and off for service\/web-1: /;
    assert.match(find(undefined, 'true', undefined), both);
    assert.match(find('true', undefined, 'false'), both);
  });

  it('is unknown where only an unread global switch decides, and for an annotation that is neither true nor false', () => {
    assert.match(find(null, 'true', undefined), /^WARN whether .* is on for service\/web-1 is unknown .*forbidden/);
    assert.match(
      find('true', 'yes'),
      /^WARN .* for service\/web-0 is unknown \(the annotation is neither true nor false/,
    );
    assert.match(find(null), /^WARN whether TKE's grace deletion is on is unknown \(configmaps is forbidden\)/);
  });

  it('law: a global switch changes nothing where every Service has an annotation', () => {
    const text = fc.constantFrom<Text>('true', 'false');
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (texts) => {
        assert.equal(find('true', ...texts), find('false', ...texts));
        assert.equal(find('true', ...texts), find(null, ...texts));
      }),
    );
  });
});
