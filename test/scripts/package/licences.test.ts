import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { licenceOfNode, licencesOf } from '../../../scripts/package/licences.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zeroloss-licences-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** The path of one of its modules. */
async function makePackage(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const root = join(folder, 'node_modules', name);
  const all = { 'package.json': JSON.stringify({ name, version: '1.2.3' }), ...files };
  for (const [file, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  return join(root, 'dist', 'index.js');
}

test('each package is named once, by name, with its licence and its notice; our own modules are not', async () => {
  const web = await makePackage('web', { 'LICENSE.md': 'Copyright of web\r\n', NOTICE: 'Parts are of somebody else' });
  const inner = await makePackage('web/node_modules/@scope/inner', { license: '\nCopyright of inner\n\n' });
  const text = await licencesOf([web, `${dirname(web)}/other.js`, inner, join(folder, 'lib', 'ours.ts')]);
  assert.equal(
    text,
    `web 1.2.3
=========

Copyright of web

Parts are of somebody else

web/node_modules/@scope/inner 1.2.3
===================================

Copyright of inner
`,
  );
});

test('a licence that stands in the README alone is taken from there', async () => {
  const text = await licencesOf([
    await makePackage('told', {
      'README.md': '# told\n\nA licensed thing.\n\nLicense\n-------\n\nCopyright of told\n',
    }),
  ]);
  assert.match(text, /^told 1\.2\.3\n=+\n\nCopyright of told\n$/);
});

test('a package without one cannot be passed on', async () => {
  const bare = await makePackage('bare', { 'README.md': '# bare\n' });
  await assert.rejects(licencesOf([bare]), /^Error: bare 1\.2\.3 is in the bundle and has no licence to pass on/);
});

test('Node has its own and those of its parts', async () => {
  const text = await licenceOfNode();
  assert.match(text, new RegExp(`^Node\\.js ${process.version}\n=+\n`));
  assert.match(text, /- OpenSSL, located at/i);
});
