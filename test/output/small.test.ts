import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAge } from '../../lib/output/age-text.ts';
import { allowsColour } from '../../lib/output/colour.ts';
import { createMask, maskingFields } from '../../lib/output/mask-secrets.ts';

test('ages read as in kubectl', () => {
  const ages: [number | null, string][] = [
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [190, '3m10s'],
    [600, '10m'],
    [10_799, '179m'],
    [10_800, '3h'],
    [27_000, '7h30m'],
    [28_800, '8h'],
    [172_800, '2d'],
    [176_400, '2d1h'],
    [691_200, '8d'],
    [86_400 * 730, '2y'],
    [86_400 * 731, '2y1d'],
    [86_400 * 365 * 9, '9y'],
    [null, '<unknown>'],
  ];
  for (const [seconds, text] of ages) assert.equal(formatAge(seconds), text);
});

test('colour needs a terminal that is not dumb and a user who has not turned it off', () => {
  const terminal = { isTTY: true, write: () => {} };
  const pipe = { write: () => {} };
  assert.equal(allowsColour('auto', terminal, {}), true);
  assert.equal(allowsColour('auto', pipe, {}), false);
  assert.equal(allowsColour('auto', terminal, { NO_COLOR: '1' }), false);
  assert.equal(allowsColour('auto', terminal, { NO_COLOR: '' }), true);
  assert.equal(allowsColour('auto', terminal, { TERM: 'dumb' }), false);
  assert.equal(allowsColour('always', pipe, { NO_COLOR: '1' }), true);
  assert.equal(allowsColour('never', terminal, {}), false);
});

test('a secret that begins another one does not uncover the rest of it', () =>
  assert.equal(createMask(['abcdefgh', 'abcdefgh-and-more'])('x abcdefgh-and-more y'), 'x <masked> y'));

test('every field that the cluster or the cloud keeps a secret in is masked in prose too', () => {
  const mask = createMask([]);
  for (const name of [
    'client-secret',
    'TmpSecretKey',
    'refresh-token',
    'id_token',
    'clientKeyData',
    'WebIdentityToken',
  ])
    assert.equal(mask(`${name}: abcdefghij`), `${name}: <masked>`);
  const data = { clientKeyData: 'abcdefghij', 'client-key-data': 'abcdefghij', pod: 'nginx-0' };
  const shown: unknown = JSON.parse(JSON.stringify(data, maskingFields(mask)));
  assert.deepEqual(shown, { clientKeyData: '<masked>', 'client-key-data': '<masked>', pod: 'nginx-0' });
});

test('a secret is masked wherever it stands, and ordinary words are not', () => {
  const mask = createMask(['s3cr3t-value', 'ab', undefined]);
  assert.equal(mask('x s3cr3t-value y'), 'x <masked> y');
  assert.equal(mask('authorization: TC3-HMAC-SHA256 Credential=x'), 'authorization: <masked>');
  assert.equal(mask('Authorization: Bearer eyJhbGciOi.abc'), 'Authorization: Bearer <masked>');
  assert.equal(mask('secretKey: abcdefghij'), 'secretKey: <masked>');
  assert.match(mask('a\n-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nb'), /^a\n<masked>\nb$/);
  assert.equal(mask('basic dXNlcjpwYXNz'), 'basic <masked>');
  assert.equal(mask('X-TOKEN=abcdefgh, Password: "hunter22"'), 'X-TOKEN=<masked>, Password: "<masked>"');
  assert.equal(mask('SECRET_KEY=abcdefgh'), 'SECRET_KEY=<masked>');
  assert.equal(mask('Client-Key-Data: LS0tLS1CRUdJ'), 'Client-Key-Data: <masked>');
  assert.equal(mask('{\\"token\\":\\"abcdefgh\\",\\"n\\":1}'), '{\\"token\\":\\"<masked>\\",\\"n\\":1}');
  assert.equal(mask("\\'password\\': \\'ab\\cdefgh\\'"), "\\'password\\': \\'<masked>\\'");
  assert.equal(mask('\\"Authorization\\": \\"TC3 x\\"'), '\\"Authorization\\": \\"<masked>\\"');
  const plain = 'about drained pods: no token was given';
  assert.equal(mask(plain), plain);
});
