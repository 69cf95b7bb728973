/** The manifest of the npm package, by npm's rules for its fields (package.json). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { renderKrewTemplate } from '../../../scripts/package/krew-manifest.ts';
import { npmManifest } from '../../../scripts/package/npm-package.ts';
import { papers } from '../../../scripts/package/papers.ts';
import { PLACEHOLDER_HOME } from '../../../scripts/package/placeholder-home.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const sources = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
const names = (await papers()).map(({ name }) => name);
const manifest = npmManifest(sources, names);

describe('the manifest of the npm package', () => {
  test('is of the name, version, licence and Node of the sources, and can be published: they cannot', () => {
    for (const key of ['name', 'version', 'description', 'license', 'engines'] as const) {
      assert.ok(sources[key] !== undefined, key);
      assert.deepEqual(manifest[key], sources[key]);
    }
    assert.equal(sources['private'], true);
    assert.ok(!('private' in manifest));
  });

  test('installs without any other package and runs nothing while it does', () => {
    const kinds = Object.keys(manifest).filter((key) => /dependencies|scripts/i.test(key));
    assert.deepEqual(kinds, []);
  });

  test('names the project by one address, as krew does: a placeholder until HOMEPAGE is set', () => {
    const addresses = ({ homepage, repository, bugs }: typeof manifest) => [homepage, repository, bugs];
    const of = (home: string) => [home, { type: 'git', url: `git+${home}.git` }, { url: `${home}/issues` }];
    assert.deepEqual(addresses(manifest), of(PLACEHOLDER_HOME));
    const home = 'https://forge.example.org/team/kubectl-zeroloss';
    const public_ = npmManifest(sources, names, home);
    assert.deepEqual(addresses(public_), of(home));
    assert.doesNotMatch(JSON.stringify(public_), new RegExp(PLACEHOLDER_HOME));
    assert.match(renderKrewTemplate('1.2.3'), new RegExp(`^ {2}homepage: ${PLACEHOLDER_HOME}$`, 'm'));
  });

  test('is published for everyone, with the proof of where it was built', () => {
    assert.deepEqual(manifest.publishConfig, { access: 'public', provenance: true });
  });

  test('has both programs, under the names by which kubectl finds them', () => {
    assert.deepEqual(Object.keys(manifest.bin), ['kubectl-zeroloss', 'kubectl_complete-zeroloss']);
    for (const file of Object.values(manifest.bin)) assert.ok(isPacked(file), file);
  });

  test('has every page that make dist packs, and each manual page under a name that npm takes', () => {
    const always = /^(?:README\.md|LICENSE)$/;
    assert.deepEqual(
      names.filter((name) => !isPacked(name) && !always.test(name)),
      [],
    );
    assert.ok(manifest.man.length > 10, 'a page for each verb');
    for (const page of manifest.man) {
      assert.ok(names.includes(page), page);
      assert.match(page, /^man\/[\w-]+\.[1-9]$/);
    }
  });

  test('is found by words that are written as npm writes them, each once', () => {
    const { keywords } = manifest;
    assert.deepEqual([...new Set(keywords)], keywords);
    for (const word of keywords) assert.match(word, /^[a-z][a-z-]*$/);
    for (const word of ['kubectl-plugin', 'krew', 'statefulset', 'tke']) assert.ok(keywords.includes(word), word);
  });
});

/** By `files`, as npm reads a folder, a name and the one pattern of it. */
function isPacked(name: string): boolean {
  return manifest.files.some((each) =>
    each.endsWith('/') ? name.startsWith(each) : each === '*.cjs' ? /^[^/]+\.cjs$/.test(name) : each === name,
  );
}
