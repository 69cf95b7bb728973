import 'reflect-metadata';
import assert from 'node:assert/strict';
import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  BasicConstraintsExtension,
  Name,
  X509Certificate as PeculiarCertificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { openAuthority } from '../../../../sandbox/apiserver/pki/authority.ts';
import { issueKubeletCertificate } from '../../../../sandbox/apiserver/pki/kubelet-certificate.ts';

async function stateDir(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pki-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test('a server certificate is signed by the authority and names its hosts', async (t) => {
  const authority = await openAuthority(await stateDir(t));
  const certificate = new X509Certificate(
    (await authority.issueServer('kube-apiserver', ['localhost', '127.0.0.1', '2001:db8::a:1'])).cert,
  );
  const root = new X509Certificate(authority.certificate);
  assert.ok(certificate.verify(root.publicKey));
  assert.ok(certificate.checkIssued(root));
  assert.ok(root.ca);
  assert.ok(!certificate.ca);
  assert.equal(certificate.checkHost('localhost'), 'localhost');
  for (const address of ['127.0.0.1', '2001:db8::a:1']) assert.equal(certificate.checkIP(address), address);
  assert.equal(certificate.checkHost('example.com'), undefined);
});

test('a client certificate carries the user as CN and the groups as O', async (t) => {
  const authority = await openAuthority(await stateDir(t));
  const { cert } = await authority.issueClient('alice', ['team-a', 'équipe']);
  assert.equal(new X509Certificate(cert).subject, 'O=team-a\nO=équipe\nCN=alice');
});

test('a state directory opened again has the same authority, and private files only', async (t) => {
  const directory = await stateDir(t);
  const first = await openAuthority(directory);
  const second = await openAuthority(directory);
  assert.equal(second.certificate, first.certificate);
  if (process.platform !== 'win32') {
    assert.equal((await stat(join(directory, 'ca.key'))).mode & 0o777, 0o600);
  }
});

test('a kubelet certificate is trusted under the same authority, for loopback and its node', async (t) => {
  const directory = await stateDir(t);
  const { cert, ca } = await issueKubeletCertificate(directory, { nodeName: 'node-1', hosts: ['127.0.0.9'] });
  const certificate = new X509Certificate(cert);
  assert.ok(certificate.verify(new X509Certificate(ca).publicKey));
  for (const address of ['127.0.0.1', '127.0.0.9']) assert.equal(certificate.checkIP(address), address);
  assert.equal(certificate.checkHost('node-1'), 'node-1');
});

test('the issuer is spelt as in the authority’s own certificate, byte for byte, from any maker', async (t) => {
  const directory = await stateDir(t);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  // UTF8String, as the real control plane's program writes it; Go compares names as bytes.
  const name = new Name([{ CN: [{ utf8String: 'kubectl-zeroloss-sandbox-ca' }] }]);
  const made = { name, keys, signingAlgorithm: algorithm, extensions: [new BasicConstraintsExtension(true)] };
  const root = await X509CertificateGenerator.createSelfSigned(made, webcrypto);
  await writeFile(join(directory, 'ca.key'), KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(join(directory, 'ca.crt'), root.toString('pem'));
  const { cert } = await (await openAuthority(directory)).issueServer('kubelet', ['127.0.0.1']);
  const bytes = (each: { toArrayBuffer(): ArrayBuffer }) => Buffer.from(each.toArrayBuffer()).toString('hex');
  assert.equal(bytes(new PeculiarCertificate(cert).issuerName), bytes(root.subjectName));
});
