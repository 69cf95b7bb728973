/** The rules that krew (internal/index/validation, internal/download) and the reviewers of krew-index apply to a manifest and its archives. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { load } from 'js-yaml';
import { archiveFiles } from '../../../scripts/package/archive-files.ts';
import { renderKrewManifest, renderKrewTemplate } from '../../../scripts/package/krew-manifest.ts';
import { archiveName, TARGETS } from '../../../scripts/package/platforms.ts';

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    version: string;
    homepage: string;
    shortDescription: string;
    description: string;
    caveats: string;
    platforms: { selector: { matchLabels: Record<string, string> }; uri: string; sha256: string; bin: string }[];
  };
}

const ROOT = join(import.meta.dirname, '..', '..', '..');
const packageVersion = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
const checkedIn = readFileSync(join(ROOT, 'krew-manifest.yaml'), 'utf8');
/** krew's own list (constants of its internal/environment and the fixtures of its validation). */
const KNOWN_PAIRS = [
  ...['386', 'amd64', 'arm64'].map((arch) => `windows/${arch}`),
  ...['386', 'amd64', 'arm', 'arm64', 'ppc64le'].map((arch) => `linux/${arch}`),
  ...['386', 'amd64', 'arm64'].map((arch) => `darwin/${arch}`),
];

const rendered = renderKrewManifest({
  version: '1.2.3',
  url: 'https://example.com/p/releases/download',
  archives: TARGETS.map((target, index) => ({ target, sha256: `${index}a`.repeat(32) })),
});

test('the checked-in manifest is the one of this version, and claims no sum of an archive', () => {
  assert.equal(checkedIn, renderKrewTemplate(packageVersion));
  assert.doesNotMatch(checkedIn, /[0-9a-f]{64}/);
});

for (const [what, text, version] of [['the manifest that make dist writes', rendered, '1.2.3']] as const) {
  const { apiVersion, kind, metadata, spec } = load(text) as Manifest;
  describe(what, () => {
    test('is a plugin of the version of the package, under a name that a file can have', () => {
      assert.deepEqual([apiVersion, kind], ['krew.googlecontainertools.github.com/v1alpha2', 'Plugin']);
      assert.match(metadata.name, /^[\w-]+$/);
      assert.equal(spec.version, `v${version}`);
      assert.match(spec.version, /^v\d+\.\d+\.\d+(-[\w.]+)?$/);
    });

    test('is described in few words, without examples, for a first reader', () => {
      assert.ok(spec.shortDescription.length <= 50 && !/[\n.]$/.test(spec.shortDescription), spec.shortDescription);
      for (const line of [...spec.description.split('\n'), ...spec.caveats.split('\n')])
        assert.ok(line.length <= 80, `longer than 80: ${line}`);
      assert.doesNotMatch(spec.description, /kubectl zeroloss|\$ /);
      assert.match(spec.homepage, /^https:\/\//);
    });

    test('names each platform once, by system and architecture that krew knows', () => {
      const pairs = spec.platforms.map(({ selector: { matchLabels } }) => {
        assert.deepEqual(Object.keys(matchLabels).sort(), ['arch', 'os']);
        return `${matchLabels['os']}/${matchLabels['arch']}`;
      });
      assert.deepEqual(pairs, [...new Set(pairs)]);
      for (const pair of pairs) assert.ok(KNOWN_PAIRS.includes(pair), pair);
      assert.deepEqual(
        pairs,
        TARGETS.map(({ os, arch }) => `${os}/${arch}`),
      );
    });

    test('points at each archive with its sum in lower case, and copies no files', () => {
      for (const [index, platform] of spec.platforms.entries()) {
        const target = TARGETS[index] ?? assert.fail('a platform that is not built');
        assert.deepEqual(Object.keys(platform).sort(), ['bin', 'selector', 'sha256', 'uri']);
        assert.match(platform.uri, /^https:\/\//);
        assert.ok(platform.uri.endsWith(`/v${version}/${archiveName(version, target)}`), platform.uri);
        assert.match(platform.sha256, /^[0-9a-f]{64}$/);
      }
    });
  });
}

test('an archive holds the licence, what there is to read, and the program that the manifest starts', async () => {
  const { spec } = load(rendered) as Manifest;
  for (const [index, target] of TARGETS.entries()) {
    const files = await archiveFiles(target, Buffer.from('program'), 'licences of others');
    const names = files.map(({ name }) => name);
    for (const name of ['LICENSE', 'THIRD-PARTY-LICENSES', 'README.md', 'README.zh-CN.md', 'deploy/rbac.yaml'])
      assert.ok(names.includes(name), name);
    for (const name of names) assert.match(name, /^((deploy|deploy\/argo|docs|docs\/dev|man)\/)?[\w.-]+$/);
    assertLinked(files);
    const bin = spec.platforms[index]?.bin ?? '';
    assert.equal(bin.endsWith('.exe'), target.os === 'windows');
    assert.ok(files.some(({ name, executable }) => name === bin && executable));
    assert.ok(files.some(({ name, executable }) => name.startsWith('kubectl_complete-zeroloss') && executable));
  }
});

/** Every link in the papers of an archive leads to a file of the archive. */
function assertLinked(files: readonly { name: string; content: Buffer }[]): void {
  const names = new Set(files.map(({ name }) => name));
  for (const { name, content } of files.filter((file) => /^README.*\.md$/.test(file.name))) {
    for (const [, target = ''] of content.toString().matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      assert.ok(names.has(target), `${name} leads to ${target}`);
  }
}
