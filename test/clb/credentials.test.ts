import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CloudError, ConnectionError, UsageError } from '../../lib/core/errors.ts';
import { FakeClock } from '../fakes/clock.ts';
import { type ConnectedOptions, CREDENTIALS, connected, SECRET } from './connected.ts';
import type { Received, Reply, Script } from './fake-cloud.ts';

const REGION = 'ap-guangzhou';
const NOW_S = Date.UTC(2026, 0, 1) / 1000;
const OK = () => ({ Listeners: [] });
const ROLE_ARN = 'qcs::cam::uin/1:roleName/upgrades';

function home(t: TestContext, files: Record<string, string | object>): string {
  const dir = mkdtempSync(join(tmpdir(), 'zeroloss-'));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return dir;
}

const temporary = (name: string, ttlSeconds = 7200): Reply => ({
  Credentials: { TmpSecretId: `AKID-of-${name}`, TmpSecretKey: `key-of-${name}`, Token: `token-of-${name}` },
  ExpiredTime: NOW_S + ttlSeconds,
});

const idOf = (request: Received | undefined) =>
  /Credential=([^/]+)\//.exec(String(request?.headers.authorization))?.[1];

/** Makes one call and tells whose credential signed it. */
async function signer(t: TestContext, options: ConnectedOptions, script: Script = {}) {
  const world = await connected(t, { DescribeListeners: OK, ...script }, { env: {}, ...options });
  const call = () => world.cloud.call('clb', 'DescribeListeners', { LoadBalancerId: 'lb-1' }, { region: REGION });
  await call();
  const last = world.server.received.at(-1);
  return { ...world, call, id: idOf(last), token: last?.headers['x-tc-token'] };
}

test('flags go before the environment', async (t) => {
  const flags = { secretId: 'AKID-of-flags', secretKey: 'k', token: 'flag-token' };
  const { id, token } = await signer(t, { flags, env: CREDENTIALS });
  assert.deepEqual([id, token], ['AKID-of-flags', 'flag-token']);
});

test('the environment goes before a profile, and reports it when the profile was asked for by name', async (t) => {
  const homeDir = home(t, { '.tccli/prod.credential': { secretId: 'AKID-of-prod', secretKey: 'k' } });
  const { id, traces } = await signer(t, { env: CREDENTIALS, flags: { profile: 'prod' }, homeDir });
  assert.equal(id, SECRET.id);
  assert.ok(traces.some((line) => /^0 .*environment.*--profile prod/.test(line)));
});

for (const variable of ['TENCENTCLOUD_TOKEN', 'TENCENTCLOUD_SESSION_TOKEN']) {
  test(`the session token is read from ${variable}`, async (t) => {
    const { token } = await signer(t, { env: { ...CREDENTIALS, [variable]: 'session' } });
    assert.equal(token, 'session');
  });
}

test('a role named in the environment is taken on with its keys', async (t) => {
  const env = { ...CREDENTIALS, TENCENTCLOUD_ROLE_ARN: ROLE_ARN, TENCENTCLOUD_ROLE_SESSION_NAME: 'me' };
  const { id, server } = await signer(t, { env }, { AssumeRole: () => temporary('role') });
  assert.equal(id, 'AKID-of-role');
  assert.deepEqual(server.received[0]?.params, { RoleArn: ROLE_ARN, RoleSessionName: 'me' });
  assert.equal(idOf(server.received[0]), SECRET.id);
});

test('a plain tccli profile is read, by flag, by TCCLI_PROFILE, or as default', async (t) => {
  const file = (name: string) => ({ secretId: `AKID-of-${name}`, secretKey: 'k' });
  const homeDir = home(t, {
    '.tccli/default.credential': file('default'),
    '.tccli/a.credential': file('a'),
    '.tccli/b.credential': file('b'),
  });
  const ids = [
    (await signer(t, { homeDir })).id,
    (await signer(t, { homeDir, env: { TCCLI_PROFILE: 'a' } })).id,
    (await signer(t, { homeDir, env: { TCCLI_PROFILE: 'a' }, flags: { profile: 'b' } })).id,
  ];
  assert.deepEqual(ids, ['AKID-of-default', 'AKID-of-a', 'AKID-of-b']);
});

test('a tccli profile with role-arn takes the role on, in its own region', async (t) => {
  const homeDir = home(t, {
    '.tccli/p.credential': { secretId: 'AKID-base', secretKey: 'k', 'role-arn': ROLE_ARN, 'role-session-name': 's1' },
    '.tccli/p.configure': { _sys_param: { region: 'ap-beijing' } },
  });
  const { id, server } = await signer(t, { homeDir, flags: { profile: 'p' } }, { AssumeRole: () => temporary('role') });
  assert.equal(id, 'AKID-of-role');
  assert.equal(server.received[0]?.region, 'ap-beijing');
  assert.deepEqual(server.received[0]?.params, { RoleArn: ROLE_ARN, RoleSessionName: 's1' });
});

for (const type of ['oauth', 'sso']) {
  const login = (name: string, expiresAt: number) => ({
    type,
    secretId: `AKID-of-${name}`,
    secretKey: 'k',
    token: 'login-token',
    expiresAt,
  });

  test(`a tccli login (${type}) is used while it lasts`, async (t) => {
    const homeDir = home(t, { '.tccli/default.credential': login('login', NOW_S + 3600) });
    const { id, token } = await signer(t, { homeDir });
    assert.deepEqual([id, token], ['AKID-of-login', 'login-token']);
  });

  test(`an expired tccli login (${type}) says when it ended and how to log in, and nothing is sent`, async (t) => {
    const homeDir = home(t, { '.tccli/default.credential': login('login', NOW_S - 60) });
    const { cloud, server } = await connected(t, { DescribeListeners: OK }, { env: {}, homeDir });
    await assert.rejects(
      cloud.call('clb', 'DescribeListeners', { LoadBalancerId: 'x' }, { region: REGION }),
      (error) => {
        assert.ok(error instanceof ConnectionError);
        assert.match(error.message, /tccli profile "default" .* expired at 2025-12-31T23:59:00/);
        assert.match(error.hint ?? '', /tccli (auth|sso) login --profile default/);
        return true;
      },
    );
    assert.equal(server.received.length, 0);
  });

  test(`a tccli login (${type}) that ends in the middle of a run is read from its file again`, async (t) => {
    const clock = new FakeClock();
    const homeDir = home(t, { '.tccli/default.credential': login('first', NOW_S + 600) });
    const { call, server } = await signer(t, { homeDir, clock });
    writeFileSync(join(homeDir, '.tccli/default.credential'), JSON.stringify(login('second', NOW_S + 7200)));
    await call();
    await clock.sleep(590_000);
    await call();
    assert.deepEqual(server.received.map(idOf), ['AKID-of-first', 'AKID-of-first', 'AKID-of-second']);
  });
}

test('a profile that was asked for and does not exist is an error, not the next place', async (t) => {
  const homeDir = home(t, { '.tencentcloud/credentials': '[default]\nsecret_id=AKID\nsecret_key=k\n' });
  await assert.rejects(
    signer(t, { homeDir, flags: { profile: 'prod' } }),
    (error) => error instanceof ConnectionError && /"prod" does not exist.*prod\.credential/.test(error.message),
  );
});

test('a profile name cannot lead out of the directory of profiles', async (t) => {
  await assert.rejects(signer(t, { flags: { profile: '../../etc/x' } }), UsageError);
});

test('the file of the SDKs is read, from home before the system', async (t) => {
  const ini = (name: string) =>
    `# keys\n[other]\nsecret_id = AKID-wrong\n[default]\nsecret_id = AKID-of-${name}\nsecret_key="k"\ntoken=tok\n`;
  const systemDir = home(t, { 'tencentcloud/credentials': ini('system') });
  assert.equal((await signer(t, { systemDir })).id, 'AKID-of-system');
  const homeDir = home(t, { '.tencentcloud/credentials': ini('home') });
  const { id, token } = await signer(t, { homeDir, systemDir });
  assert.deepEqual([id, token], ['AKID-of-home', 'tok']);
});

test('workload identity trades the mounted token, unsigned, and reads it anew when the credential ends', async (t) => {
  const homeDir = home(t, { token: 'jwt-1\n' });
  const clock = new FakeClock();
  const env = {
    TKE_REGION: 'ap-nanjing',
    TKE_PROVIDER_ID: 'tke-oidc',
    TKE_WEB_IDENTITY_TOKEN_FILE: join(homeDir, 'token'),
    TKE_ROLE_ARN: ROLE_ARN,
  };
  const script: Script = {
    AssumeRoleWithWebIdentity: (request) => temporary(String(request.params['WebIdentityToken'])),
  };
  const { id, server, call, traces } = await signer(t, { env, clock }, script);
  assert.equal(id, 'AKID-of-jwt-1');
  const [sts] = server.received;
  assert.deepEqual([sts?.headers.authorization, sts?.region], ['SKIP', 'ap-nanjing']);
  assert.equal(sts?.params['ProviderId'], 'tke-oidc');
  writeFileSync(join(homeDir, 'token'), 'jwt-2');
  await clock.sleep(7_199_000);
  await call();
  assert.equal(server.received.filter(({ action }) => action === 'AssumeRoleWithWebIdentity').length, 2);
  assert.ok(!traces.join().includes('jwt-'));
});

test('the role of the machine comes from the instance metadata', async (t) => {
  const role = {
    Code: 'Success',
    TmpSecretId: 'AKID-of-cvm',
    TmpSecretKey: 'k',
    Token: 'cvm-token',
    ExpiredTime: NOW_S + 3600,
  };
  const page = (text: string) => ({ status: 200, text });
  const script: Script = {
    '/meta/cam/security-credentials/': () => page('my-role'),
    '/meta/cam/security-credentials/my-role': () => page(JSON.stringify(role)),
  };
  const metadata = await connected(t, script);
  const env = { ZEROLOSS_METADATA_ENDPOINT: `${metadata.server.url}/meta/` };
  const { id, token } = await signer(t, { env });
  assert.deepEqual([id, token], ['AKID-of-cvm', 'cvm-token']);
});

test('where nothing is found every place is named, and the metadata service is not waited for', {
  timeout: 10_000,
}, async (t) => {
  const metadata = await connected(t, { '/cam/security-credentials/': () => 'hang' });
  const homeDir = home(t, {});
  await assert.rejects(signer(t, { homeDir, env: { ZEROLOSS_METADATA_ENDPOINT: metadata.server.url } }), (error) => {
    assert.ok(error instanceof ConnectionError);
    for (const place of [
      'flags',
      'environment',
      'tccli profile "default"',
      '.tencentcloud/credentials',
      'workload identity',
      'CVM role',
    ]) {
      assert.ok(error.message.includes(place), place);
    }
    assert.match(error.hint ?? '', /TENCENTCLOUD_SECRET_ID/);
    return true;
  });
});

for (const [half, env] of [
  ['TENCENTCLOUD_SECRET_KEY', { TENCENTCLOUD_SECRET_ID: 'AKID' }],
  ['TENCENTCLOUD_SECRET_ID', { TENCENTCLOUD_SECRET_KEY: 'k' }],
] as const) {
  test(`half a pair is an error that names ${half}`, async (t) => {
    const homeDir = home(t, { '.tccli/default.credential': { secretId: 'AKID-other-account', secretKey: 'k' } });
    await assert.rejects(
      signer(t, { env, homeDir }),
      (error) => error instanceof ConnectionError && error.message.endsWith(`${half} is not`),
    );
  });
}

test('a broken credential file is an error that does not repeat its content', async (t) => {
  const homeDir = home(t, { '.tccli/default.credential': '{"secretId":"AKID","secretKey":"very-secret"' });
  await assert.rejects(
    signer(t, { homeDir }),
    (error) => error instanceof ConnectionError && !`${error.stack}${error.cause}`.includes('very-secret'),
  );
});

test('a token refused in the middle of a run is read again from its source, once', async (t) => {
  const file = (name: string) => ({ secretId: `AKID-of-${name}`, secretKey: 'k', token: name });
  const homeDir = home(t, { '.tccli/default.credential': file('old') });
  const script: Script = {
    DescribeListeners: (request) =>
      request.headers['x-tc-token'] === 'new' ? OK() : { error: 'AuthFailure.TokenFailure' },
  };
  const first = signer(
    t,
    { homeDir },
    {
      DescribeListeners: (request, nth) => {
        if (nth === 1) writeFileSync(join(homeDir, '.tccli/default.credential'), JSON.stringify(file('new')));
        return script['DescribeListeners']?.(request, nth) ?? {};
      },
    },
  );
  const { server } = await first;
  assert.deepEqual(server.received.map(idOf), ['AKID-of-old', 'AKID-of-new']);
});

test('a token that stays refused stops with the RequestId and how to renew it', async (t) => {
  const homeDir = home(t, {
    '.tccli/default.credential': { secretId: 'AKID-of-somebody', secretKey: 'k', token: 'old' },
  });
  const { cloud, server } = await connected(
    t,
    { DescribeListeners: () => ({ error: 'AuthFailure.TokenFailure' }) },
    { env: {}, homeDir },
  );
  await assert.rejects(cloud.call('clb', 'DescribeListeners', { LoadBalancerId: 'x' }, { region: REGION }), (error) => {
    assert.ok(error instanceof CloudError);
    assert.equal(error.requestId, 'request-1');
    assert.match(error.hint ?? '', /tccli profile "default" \(AKID\*{4}body\); tccli auth login/);
    return true;
  });
  assert.equal(server.received.length, 1);
});

test('regions are taken from flag and environment, and from the profile where those are silent', async (t) => {
  const homeDir = home(t, {
    '.tccli/default.configure': { region: 'ap-shanghai' },
    '.tccli/new.configure': { _sys_param: { region: 'ap-chengdu' } },
    '.tccli/broken.configure': '{',
  });
  const regionsOf = async (env: Record<string, string>, region?: string) =>
    (await connected(t, {}, { env, homeDir, ...(region === undefined ? {} : { flags: { region } }) })).cloud.regions;
  const env = { TENCENTCLOUD_REGION: 'ap-nanjing', TCCLI_PROFILE: 'broken' };
  assert.deepEqual(await regionsOf(env, 'ap-beijing'), { flag: 'ap-beijing', environment: 'ap-nanjing' });
  assert.deepEqual(await regionsOf({}), { profile: 'ap-shanghai' });
  assert.deepEqual(await regionsOf({ TCCLI_PROFILE: 'new' }), { profile: 'ap-chengdu' });
  await assert.rejects(regionsOf({ TCCLI_PROFILE: 'broken' }), ConnectionError);
});

test('calls that start together look for credentials once', async (t) => {
  const homeDir = home(t, { '.tccli/p.credential': { secretId: 'AKID-base', secretKey: 'k', 'role-arn': ROLE_ARN } });
  const script: Script = { AssumeRole: () => temporary('role'), DescribeListeners: OK };
  const { cloud, server } = await connected(t, script, { env: {}, homeDir, flags: { profile: 'p' } });
  const call = () => cloud.call('clb', 'DescribeListeners', { LoadBalancerId: 'x' }, { region: REGION });
  await Promise.all([call(), call(), call()]);
  assert.equal(server.count('AssumeRole'), 1);
});
