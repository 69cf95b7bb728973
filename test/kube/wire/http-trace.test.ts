import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG_MAPS, PODS } from '../../../lib/ports/resources.ts';
import { reply, startApiServer, statusBody } from '../fixtures/api-server.ts';
import { connected, TOKEN } from '../fixtures/connected.ts';

const SECRETS = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true };

test('a token never appears in traces: not as header, not echoed in a body, a URL or an error', async () => {
  await using server = await startApiServer({
    answer: ({ url, headers }, response) => {
      response.setHeader('X-Echo', String(headers.authorization));
      if (url.pathname.endsWith('/bad')) return reply(response, statusBody(400, 'BadRequest', `bad ${TOKEN}`), 400);
      return reply(response, { kind: 'ConfigMap', metadata: { name: 'x' }, data: { echo: headers.authorization } });
    },
  });
  await using client = await connected(server);
  await client.kube.get(CONFIG_MAPS, 'x');
  await client.kube.getText(`/version?token=${TOKEN}`);
  await client.kube.create(CONFIG_MAPS, { data: { TOKEN } });
  await assert.rejects(client.kube.get(CONFIG_MAPS, 'bad'));
  const all = client.traces.join('\n');
  assert.ok(client.traces.length > 20);
  assert.equal(all.includes(TOKEN), false);
  assert.match(all, /7 {5}Authorization: <masked>/);
});

test('a user name and its password appear in traces neither plain nor in base64', async () => {
  await using server = await startApiServer();
  await using client = await connected(server, { user: { username: 'jane', password: 'open-sesame' } });
  await client.kube.getText('/version');
  const basic = Buffer.from('jane:open-sesame').toString('base64');
  assert.equal(server.received[0]?.headers.authorization, `Basic ${basic}`);
  assert.equal(
    client.traces.some((line) => line.includes(basic) || line.includes('open-sesame')),
    false,
  );
});

test('bodies that speak of secrets are not shown, and secret fields of others are masked', async () => {
  await using server = await startApiServer({
    answer: ({ url }, response) =>
      url.pathname.includes('/secrets/')
        ? reply(response, { kind: 'Secret', metadata: { name: 's' }, data: { key: 'aHVudGVyMg==' } })
        : reply(response, { kind: 'Pod', metadata: { name: 'p' }, spec: { password: 'hunter2', port: 1 } }),
  });
  await using client = await connected(server);
  await client.kube.get(SECRETS, 's');
  await client.kube.get(PODS, 'p');
  const all = client.traces.join('\n');
  assert.equal(/aHVudGVyMg|hunter2/.test(all), false);
  assert.match(all, /8 Response Body: <masked, \d+ bytes>/);
  assert.match(all, /"password":"<masked>","port":1/);
});

test('-v 6 shows method, URL, status and time; 7 request headers; 8 the body up to 1024 characters, 10 all of it', async () => {
  const long = 'y'.repeat(3000);
  await using server = await startApiServer({
    answer: (_request, response) => reply(response, { kind: 'Pod', metadata: { name: 'web-0', labels: { long } } }),
  });
  let now = 1000;
  await using client = await connected(server, { now: () => (now += 4) });
  await client.kube.get(PODS, 'web-0');
  const at = (level: number) => client.traces.filter((line) => line.startsWith(`${level} `));
  assert.deepEqual(at(6), [`6 GET ${server.url}/api/v1/namespaces/shop/pods/web-0 200 in 4 milliseconds`]);
  assert.ok(at(7).includes('7     Accept: application/json'));
  const body = at(8).find((line) => line.startsWith('8 Response Body'));
  assert.match(body ?? '', /y \[truncated \d+ chars\]$/);
  assert.ok(at(10).some((line) => line.includes(long)));
});

test('a secret in JSON that is text in JSON is masked too, as in an annotation of kubectl apply', async () => {
  const applied = JSON.stringify({ password: 'hunter2 "x" \\', name: 'web' });
  const object = { kind: 'Pod', metadata: { name: 'web-0', annotations: { applied } } };
  await using server = await startApiServer({ answer: (_request, response) => reply(response, object) });
  await using client = await connected(server);
  await client.kube.get(PODS, 'web-0');
  const body = client.traces.find((line) => line.startsWith('8 Response Body')) ?? '';
  assert.doesNotMatch(body, /hunter2/);
  const shown = JSON.parse(body.slice(body.indexOf('{'))) as typeof object;
  assert.deepEqual(JSON.parse(shown.metadata.annotations.applied), { password: '<masked>', name: 'web' });
});

test('a trace that the verbosity leaves out is not made: a large answer is not masked in vain', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => reply(response, { kind: 'Pod', metadata: { name: 'web-0' } }),
  });
  await using client = await connected(server, { verbosity: 6 });
  await client.kube.get(PODS, 'web-0');
  await client.kube.create(CONFIG_MAPS, { data: {} });
  assert.deepEqual(
    client.traces.map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['6 GET', '6 POST'],
  );
});
