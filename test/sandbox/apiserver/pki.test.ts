import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bytesOfAddress } from '../../../sandbox/apiserver/pki/address-bytes.ts';
import { openAuthority } from '../../../sandbox/apiserver/pki/authority.ts';
import { integer, objectIdentifier, octetString, time } from '../../../sandbox/apiserver/pki/der.ts';
import { issueKubeletCertificate } from '../../../sandbox/apiserver/pki/kubelet-certificate.ts';

async function stateDir(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pki-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test('lengths of 128 and more take octets of their own', () => {
  assert.equal(octetString(Buffer.alloc(127)).subarray(0, 2).toString('hex'), '047f');
  assert.equal(octetString(Buffer.alloc(128)).subarray(0, 3).toString('hex'), '048180');
  assert.equal(octetString(Buffer.alloc(256)).subarray(0, 4).toString('hex'), '04820100');
});

test('integers stay positive and lose superfluous zeros', () => {
  assert.equal(integer(Buffer.from([0x80])).toString('hex'), '02020080');
  assert.equal(integer(Buffer.from([0, 0, 1])).toString('hex'), '020101');
  assert.equal(integer(Buffer.from([0])).toString('hex'), '020100');
});

test('object identifiers join the first two arcs and split the others into base 128', () => {
  assert.equal(objectIdentifier('1.2.840.10045.4.3.2').toString('hex'), '06082a8648ce3d040302');
});

test('times are UTCTime up to 2049 and GeneralizedTime after', () => {
  assert.equal(time(Date.UTC(2049, 11, 31, 23, 59, 59)).toString('latin1'), '\x17\x0d491231235959Z');
  assert.equal(time(Date.UTC(2050, 0, 1)).toString('latin1'), '\x18\x0f20500101000000Z');
});

test('addresses of both families become their bytes', () => {
  assert.deepEqual([...bytesOfAddress('127.0.0.1')], [127, 0, 0, 1]);
  assert.equal(bytesOfAddress('::1').toString('hex'), `${'00'.repeat(15)}01`);
  assert.equal(bytesOfAddress('2001:db8::a:1').toString('hex'), '20010db8000000000000' + '0000' + '000a0001');
  assert.equal(bytesOfAddress('::ffff:10.0.0.1').toString('hex'), `${'00'.repeat(10)}ffff0a000001`);
});

test('a server certificate is signed by the authority and names its hosts', async (t) => {
  const authority = await openAuthority(await stateDir(t));
  const certificate = new X509Certificate(authority.issueServer('kube-apiserver', ['localhost', '127.0.0.1']).cert);
  const root = new X509Certificate(authority.certificate);
  assert.ok(certificate.verify(root.publicKey));
  assert.ok(certificate.checkIssued(root));
  assert.ok(root.ca);
  assert.ok(!certificate.ca);
  assert.equal(certificate.checkHost('localhost'), 'localhost');
  assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(certificate.checkHost('example.com'), undefined);
});

test('a client certificate carries the user as CN and the groups as O', async (t) => {
  const authority = await openAuthority(await stateDir(t));
  const { cert } = authority.issueClient('alice', ['team-a', 'équipe']);
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
