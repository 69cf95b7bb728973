import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planEndpoints } from '../../../lib/clb/calls/cloud-endpoint.ts';
import { openMetadata } from '../../../lib/clb/credentials/instance-metadata.ts';
import { UsageError } from '../../../lib/core/errors.ts';

const url = (options: Parameters<typeof planEndpoints>[0], region = 'ap-guangzhou') => {
  const { protocol, host } = planEndpoints(options)('clb', region);
  return protocol + host;
};

test('the default site has one host per service, and a finance region its own', () => {
  assert.equal(url({}), 'https://clb.tencentcloudapi.com');
  assert.equal(url({}, 'ap-shanghai-fsi'), 'https://clb.ap-shanghai-fsi.tencentcloudapi.com');
});

test('--cloud-site takes intl, internal or a root domain', () => {
  assert.equal(url({ cloudSite: 'intl' }), 'https://clb.intl.tencentcloudapi.com');
  assert.equal(url({ cloudSite: 'internal' }), 'https://clb.internal.tencentcloudapi.com');
  assert.equal(url({ cloudSite: 'cloud.example.com:8443' }), 'https://clb.cloud.example.com:8443');
});

test('ZEROLOSS_CLOUD_ENDPOINT on loopback stands for every service, over HTTP too, and wins over the site', () => {
  assert.equal(url({ variable: 'http://127.0.0.1:8080', cloudSite: 'intl' }), 'http://127.0.0.1:8080');
  assert.equal(url({ variable: 'http://localhost:8080/' }), 'http://localhost:8080');
  assert.equal(url({ variable: 'http://[::1]:8080' }), 'http://[::1]:8080');
});

test('ZEROLOSS_CLOUD_ENDPOINT elsewhere is a root domain, over HTTPS', () => {
  assert.equal(url({ variable: 'https://example.com' }), 'https://clb.example.com');
});

for (const variable of [
  'http://example.com',
  'http://10.0.0.1:80',
  'http://127.0.0.1.example.com',
  'https://10.0.0.1',
  'ftp://127.0.0.1',
  'localhost:80',
  'https://user:pw@example.com',
  'https://:pw@example.com',
]) {
  test(`ZEROLOSS_CLOUD_ENDPOINT=${variable} is refused`, () => {
    assert.throws(() => planEndpoints({ variable }), UsageError);
  });
}

for (const cloudSite of ['', 'http://x.com', 'china', 'a..b', 'x.com/path']) {
  test(`--cloud-site "${cloudSite}" is refused`, () => {
    assert.throws(() => planEndpoints({ cloudSite }), UsageError);
    assert.throws(() => planEndpoints({ cloudSite, variable: 'http://127.0.0.1:8080' }), UsageError);
  });
}

for (const endpoint of [
  'https://user:s3cret@example.com',
  'https://s3cret@example.com',
  'https://user:s3cret@example.com/path',
  'https://user:s3c/s3cret@ret@example.com:port',
  'user:s3cret@example.com',
]) {
  test(`a password in an endpoint that cannot be used is not printed: ${endpoint}`, () => {
    for (const [use, name] of [
      [() => planEndpoints({ variable: endpoint }), 'ZEROLOSS_CLOUD_ENDPOINT'],
      [() => openMetadata(endpoint), 'ZEROLOSS_METADATA_ENDPOINT'],
    ] as const)
      assert.throws(use, (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, new RegExp(`^${name} is not .*<masked>@example\\.com`));
        assert.doesNotMatch(`${error.message} ${error.hint}`, /s3c|user/);
        return true;
      });
  });
}
