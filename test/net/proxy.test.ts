/** One rule for proxies, compared with Go's own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError } from '../../lib/core/errors.ts';
import { maskUserInfo } from '../../lib/core/values/mask.ts';
import { bypassesProxy, environmentProxy } from '../../lib/net/proxy.ts';
import grid from './httpproxy-grid.json' with { type: 'json' };

const PROXY = 'http://proxy.example:3128';

for (const [noProxy, row] of Object.entries(grid.bypass)) {
  test(`NO_PROXY=${noProxy} exempts the targets that Go exempts`, () => {
    const ours = grid.targets.map((target) => (bypassesProxy(new URL(target), noProxy) ? '-' : 'P'));
    assert.equal(ours.join(''), row);
  });
}

test('a proxy is named with or without its scheme, as in Go', () => {
  for (const [value, url] of Object.entries(grid.proxies)) {
    const ours = environmentProxy(new URL('https://api.example'), { HTTPS_PROXY: value });
    assert.equal(new URL(ours ?? '').href, new URL(url).href, value);
  }
});

test('the variable is that of the scheme, upper case before lower case, unless NO_PROXY names the host', () => {
  const https = new URL('https://api.example:6443');
  const http = new URL('http://api.example');
  const cases: [URL, Record<string, string>, string | undefined][] = [
    [https, {}, undefined],
    [https, { HTTPS_PROXY: PROXY, https_proxy: 'http://lower' }, PROXY],
    [https, { https_proxy: PROXY, HTTP_PROXY: 'http://other' }, PROXY],
    [https, { HTTP_PROXY: PROXY }, undefined],
    [http, { http_proxy: PROXY }, PROXY],
    [https, { HTTPS_PROXY: PROXY, no_proxy: 'api.example' }, undefined],
    [https, { HTTPS_PROXY: PROXY, NO_PROXY: 'other', no_proxy: 'api.example' }, PROXY],
  ];
  for (const [server, env, expected] of cases) {
    assert.equal(environmentProxy(server, env), expected, `${server} ${JSON.stringify(env)}`);
  }
});

test('a variable that holds no URL of a proxy is refused by its name, without the password, unless it is not needed', () => {
  const https = new URL('https://api.example:6443');
  for (const [proxy, shown] of [
    ['http://[bad', 'http://[bad'],
    ['http://u:p@ss@[bad', 'http://<masked>@[bad'],
    ['u:p/w@proxy:x', 'http://<masked>@proxy:x'],
    ['ftp://proxy.example', 'ftp://proxy.example'],
  ] as const) {
    assert.throws(
      () => environmentProxy(https, { https_proxy: proxy }),
      (error) => {
        assert.ok(error instanceof ConnectionError);
        assert.equal(
          error.message,
          `error: invalid proxy address "${shown}" in the environment: HTTPS_PROXY must be a URL with http, https or socks5`,
        );
        assert.match(error.hint ?? '', /HTTPS_PROXY=http:/);
        return true;
      },
    );
    assert.equal(environmentProxy(https, { https_proxy: proxy, NO_PROXY: '.example' }), undefined);
  }
  assert.equal(maskUserInfo('http://u:p@ss@host:1/x'), 'http://<masked>@host:1/x');
});
