import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVENTS } from '../../../../lib/ports/resources.ts';
import { servedAs } from '../../../../sandbox/apiserver/catalogue.ts';
import { chooseRepresentation } from '../../../../sandbox/apiserver/http/accept.ts';
import { invalid } from '../../../../sandbox/apiserver/http/api-error.ts';
import { parseRequestInfo } from '../../../../sandbox/apiserver/http/request-info.ts';
import { parseProxyTarget } from '../../../../sandbox/apiserver/proxy/pod-proxy.ts';
import { parseFieldSelector } from '../../../../sandbox/apiserver/rest/read/field-selector.ts';
import { parseDeleteOptions } from '../../../../sandbox/apiserver/rest/write/delete-options.ts';

const info = (method: string, path: string) => parseRequestInfo(method, new URL(path, 'https://x'));

test('paths become verb, resource, name and subresource', () => {
  const cases: [string, string, object][] = [
    ['GET', '/api/v1/pods', { verb: 'list', group: '', plural: 'pods', namespace: undefined, name: undefined }],
    ['GET', '/api/v1/namespaces/a/pods/b', { verb: 'get', namespace: 'a', name: 'b', subresource: undefined }],
    ['GET', '/api/v1/namespaces/a/pods?watch=1', { verb: 'watch', namespace: 'a' }],
    ['GET', '/api/v1/namespaces/a/pods?watch=false', { verb: 'list' }],
    ['POST', '/api/v1/namespaces/a/pods/b/eviction', { verb: 'create', name: 'b', subresource: 'eviction' }],
    ['PATCH', '/apis/apps/v1/namespaces/a/statefulsets/b/scale', { verb: 'patch', group: 'apps', version: 'v1' }],
    ['DELETE', '/apis/apps/v1/namespaces/a/statefulsets', { verb: 'deletecollection', plural: 'statefulsets' }],
    ['DELETE', '/api/v1/namespaces/a', { verb: 'delete', plural: 'namespaces', name: 'a', namespace: undefined }],
    ['PUT', '/api/v1/namespaces/a/finalize', { verb: 'update', plural: 'namespaces', subresource: 'finalize' }],
    ['GET', '/api/v1/namespaces/a/pods/b:80/proxy/x/y', { name: 'b:80', subresource: 'proxy', subpath: '/x/y' }],
    ['GET', '/api/v1/nodes/a%2Fb', { plural: 'nodes', name: 'a/b' }],
  ];
  for (const [method, path, expected] of cases) {
    const actual = info(method, path);
    assert.deepEqual({ ...actual, ...expected }, actual, path);
  }
});

test('discovery and health paths are no resources', () => {
  for (const path of ['/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/apis/apps/v1/', '/healthz', '/']) {
    assert.equal(info('GET', path).kind, 'path', path);
  }
});

test('a list by one name remembers it for authorization', () => {
  const listed = info('GET', '/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dweb-0');
  assert.ok(listed.kind === 'resource');
  assert.deepEqual([listed.name, listed.selectedName], [undefined, 'web-0']);
  const several = info('GET', '/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Da,status.phase%3DRunning');
  assert.ok(several.kind === 'resource' && several.selectedName === undefined);
});

test('the first representation that the server has is chosen, by q before order', () => {
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  assert.equal(chooseRepresentation(undefined), 'object');
  assert.equal(chooseRepresentation(`${table},application/json`), 'table');
  assert.equal(chooseRepresentation(`${table};q=0.1,application/json`), 'object');
  assert.equal(chooseRepresentation('application/json;as=Table;v=v2;g=meta.k8s.io, */*'), 'object');
  assert.equal(chooseRepresentation('application/vnd.kubernetes.protobuf,application/json'), 'object');
  assert.throws(() => chooseRepresentation('application/json;q=0'), { code: 406 });
  assert.throws(() => chooseRepresentation(table.replace('v1', 'v9')), { code: 406 });
});

test('several invalid fields stand in brackets', () => {
  const causes = ['a', 'b'].map((field) => ({ field, message: 'Required value', reason: 'FieldValueRequired' }));
  const { message } = invalid({ group: 'apps', name: 'StatefulSet' }, 'web', causes);
  assert.equal(message, 'StatefulSet.apps "web" is invalid: [a: Required value, b: Required value]');
});

test('options of a deletion come from the body, or from the query when there is none', () => {
  const query = new URLSearchParams('gracePeriodSeconds=3&propagationPolicy=Orphan&dryRun=All');
  assert.deepEqual(parseDeleteOptions(undefined, query), {
    gracePeriodSeconds: 3,
    propagation: 'Orphan',
    dryRun: true,
  });
  const body = { kind: 'DeleteOptions', preconditions: { uid: 'u', resourceVersion: '7' }, orphanDependents: false };
  assert.deepEqual(parseDeleteOptions(body, query), {
    uid: 'u',
    resourceVersion: '7',
    propagation: 'Background',
    dryRun: false,
  });
  assert.throws(() => parseDeleteOptions({ kind: 'Pod' }, query), { code: 400 });
  assert.throws(() => parseDeleteOptions({ gracePeriodSeconds: '3' }, query), { code: 400 });
  assert.throws(() => parseDeleteOptions({ orphanDependents: true, propagationPolicy: 'Orphan' }, query), {
    code: 422,
  });
});

test('field selectors keep escaped commas and equals signs', () => {
  const events = servedAs(EVENTS);
  assert.deepEqual(parseFieldSelector('reason==a\\,b\\=c, type!=Normal', events), [
    { path: 'reason', equal: true, value: 'a,b=c' },
    { path: 'type', equal: false, value: 'Normal' },
  ]);
  assert.throws(() => parseFieldSelector('reason', events), { code: 400 });
});

test('proxy targets name a pod, a port and at most the scheme http', () => {
  assert.deepEqual(parseProxyTarget('web-0'), { pod: 'web-0', port: '' });
  assert.deepEqual(parseProxyTarget('web-0:9113'), { pod: 'web-0', port: '9113' });
  assert.deepEqual(parseProxyTarget('http:web-0:metrics'), { pod: 'web-0', port: 'metrics' });
  for (const wrong of ['', 'https:web-0:1', 'a:b:c:d', ':80']) {
    assert.throws(() => parseProxyTarget(wrong), { code: 400 }, wrong);
  }
});
