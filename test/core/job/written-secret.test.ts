import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writtenSecret } from '../../../lib/core/job/written-secret.ts';

describe('a credential that is written out in a flag', () => {
  for (const [text, found] of [
    ['/metrics?token=s3cret', 'a credential (token)'],
    ['/metrics?format=text&api_key=s3cret', 'a credential (api_key)'],
    ['curl -f https://hooks/send?key=s3cret', 'a credential (key)'],
    ["curl -H 'Authorization: Bearer s3cret' http://web/ok", 'a credential (Authorization)'],
    ['curl -H "Authorization: Basic czNjcmV0" http://web/ok', 'a credential (Authorization)'],
    ['curl -H authorization:s3cret http://web/ok', 'a credential (authorization)'],
    ["curl -H 'PRIVATE-TOKEN: s3cret' http://web/ok", 'a credential (PRIVATE-TOKEN)'],
    ["curl -H 'X-Api-Key: s3cret' http://web/ok", 'a credential (X-Api-Key)'],
    ['curl -u bot:s3cret http://web/ok', 'a user with a password'],
    ['curl -ubot:s3cret http://web/ok', 'a user with a password'],
    ['curl --user=bot:s3cret http://web/ok', 'a user with a password'],
    ['tool --password s3cret', 'a credential (-password)'],
    ["tool --client-secret='s3cret'", 'a credential (--client-secret)'],
    ['API_TOKEN=s3cret ./gate', 'a credential (API_TOKEN)'],
    ['curl -f https://bot:s3cret@hooks/x', 'a URL with a password'],
  ] as const)
    it(`is found in ${text}`, () => assert.equal(writtenSecret(text), found));

  for (const text of [
    '/metrics',
    '/metrics?format=prometheus&keys=all',
    'curl -f https://bot:$PASSWORD@hooks/x',
    'curl -H "Authorization: Bearer $TOKEN" http://web/ok',
    'curl -H "Authorization: Bearer $(cat /run/token)" http://web/ok',
    'curl -H "X-Api-Key: $KEY" http://web/ok',
    'curl -u "bot:$PASSWORD" http://web/ok',
    'curl -u "$USER:$PASSWORD" http://web/ok',
    'curl https://hooks/send?key=$KEY',
    'API_TOKEN=$(cat /run/token) ./gate',
    'tool --password-file /run/secrets/password --token-path=/run/token',
    'test -s /var/run/secrets/kubernetes.io/serviceaccount/token && curl http://web:8080/ok',
    '/ready?code=200',
    'nginx=registry.example.com/nginx:1.25.4',
    'sha256:0123',
    '30s',
  ])
    it(`is not found in ${text}`, () => assert.equal(writtenSecret(text), undefined));

  it('is no label of a metric or a query', () => {
    assert.equal(writtenSecret('open{secret="web-tls",token_kind="jwt"}', true), undefined);
    assert.equal(writtenSecret('open{secret="web-tls"}'), 'a credential (secret)');
    assert.equal(writtenSecret('http://a:s3cret@b', true), 'a URL with a password');
  });
});
