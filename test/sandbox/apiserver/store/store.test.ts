import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG_MAPS, NODES, PODS } from '../../../../lib/ports/resources.ts';
import type { Change } from '../../../../sandbox/apiserver/store/event-history.ts';
import { jsonOfItem, jsonOfObject } from '../../../../sandbox/apiserver/store/frozen.ts';
import { Store } from '../../../../sandbox/apiserver/store/store.ts';

const object = (name: string, namespace?: string, data?: object) => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...(data === undefined ? {} : { data }),
});

test('every write, of any resource, takes the next version of the one counter', () => {
  const store = new Store();
  const first = store.put(PODS, object('a', 'x'));
  const second = store.put(NODES, object('n'));
  const removed = store.remove(PODS, first);
  const versions = [first, second, removed].map(({ metadata }) => Number(metadata.resourceVersion));
  assert.deepEqual(versions, [versions[0]!, versions[0]! + 1, versions[0]! + 2]);
  assert.equal(store.resourceVersion, versions[2]);
});

test('a stored object cannot be changed from outside', () => {
  const store = new Store();
  const stored = store.put(CONFIG_MAPS, object('a', 'x', { deep: { list: [1] } }));
  assert.throws(() => Object.assign(stored.metadata, { name: 'b' }), TypeError);
  assert.throws(() => (stored['data'] as { deep: { list: number[] } }).deep.list.push(2), TypeError);
});

test('lists are sorted by namespace and name, follow writes, and older lists stay as they were', () => {
  const store = new Store();
  for (const [name, namespace] of [
    ['b', 'y'],
    ['a', 'y'],
    ['z', 'x'],
  ] as const) {
    store.put(CONFIG_MAPS, object(name, namespace));
  }
  const names = (namespace?: string) =>
    store
      .table(CONFIG_MAPS)
      .list(namespace)
      .map(({ metadata }) => metadata.name);
  assert.deepEqual(names(), ['z', 'a', 'b']);
  const before = store.table(CONFIG_MAPS).list('y');
  store.put(CONFIG_MAPS, object('a', 'y', { changed: true }));
  store.put(CONFIG_MAPS, object('aa', 'y'));
  assert.deepEqual(names('y'), ['a', 'aa', 'b']);
  assert.deepEqual(store.table(CONFIG_MAPS).list('y')[0]?.['data'], { changed: true });
  assert.equal(before.length, 2);
});

test('history answers what came after a version, and knows what it has forgotten', () => {
  const store = new Store(3);
  const table = store.table(CONFIG_MAPS);
  assert.equal(table.history.oldestVersion, 0);
  const from = store.resourceVersion;
  for (let count = 0; count < 4; count += 1) store.put(CONFIG_MAPS, object('a', 'x', { count }));
  assert.deepEqual(
    table.history.since(from).map(({ type }) => type),
    ['ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED'],
  );
  assert.deepEqual(
    table.history.since(from + 3).map(({ object: { data } }) => data),
    [{ count: 3 }],
  );
  assert.deepEqual(table.history.since(from + 99), []);
  store.put(CONFIG_MAPS, object('a', 'x'));
  store.put(CONFIG_MAPS, object('b', 'x'));
  assert.equal(table.history.oldestVersion, from + 3);
});

test('listeners hear their own namespace, or all, until they stop', () => {
  const store = new Store();
  const heard: string[] = [];
  const listen = (who: string) => (change: Change) => {
    heard.push(`${who} ${change.type} ${change.object.metadata.name}`);
  };
  const table = store.table(CONFIG_MAPS);
  table.subscribe('x', listen('x'));
  const stop = table.subscribe(undefined, listen('all'));
  store.put(CONFIG_MAPS, object('a', 'x'));
  store.put(CONFIG_MAPS, object('b', 'y'));
  stop();
  store.put(CONFIG_MAPS, object('a', 'x'));
  assert.deepEqual(heard, ['all ADDED a', 'x ADDED a', 'all ADDED b', 'x MODIFIED a']);
});

test('an object is written with its kind first, an item of a list without', () => {
  const stored = new Store().put(CONFIG_MAPS, object('a', 'x'));
  assert.match(jsonOfObject(stored), /^\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"name":"a"/);
  assert.match(jsonOfItem(stored), /^\{"metadata":\{"name":"a"/);
  assert.deepEqual(JSON.parse(jsonOfObject(stored)), stored);
});
