/** Issues X.509 v3 certificates (RFC 5280) on EC P-256 keys; node:crypto reads certificates but cannot make them. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bytesOfAddress } from './address-bytes.ts';
import {
  bitString,
  boolean,
  type Der,
  explicitTag,
  implicitTag,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  key: string;
  cert: string;
}

/** Who a certificate is about: Kubernetes reads CN as the user and each O as a group. */
export interface Subject {
  commonName: string;
  organizations?: readonly string[];
}

export interface CertificateRequest {
  subject: Subject;
  /** `ca` signs others, `server` is for TLS servers, `client` for TLS clients. */
  usage: 'ca' | 'server' | 'client';
  /** DNS names and IP addresses of a server. */
  hosts?: readonly string[];
  notBeforeMs: number;
  notAfterMs: number;
}

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** A new key with a certificate signed by `issuer`, or by itself when there is none (a root). */
export function issueCertificate(request: CertificateRequest, issuer?: { pair: KeyPair; subject: Subject }): KeyPair {
  const { privateKey: key } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const signingKey = issuer?.pair.key ?? key;
  const algorithm = sequence(objectIdentifier(OID.ecdsaWithSha256));
  const certificate = sequence(
    explicitTag(0, integer(Buffer.from([2]))),
    integer(positiveSerial()),
    algorithm,
    distinguishedName(issuer?.subject ?? request.subject),
    sequence(time(request.notBeforeMs), time(request.notAfterMs)),
    distinguishedName(request.subject),
    publicKeyInfo(key),
    explicitTag(3, sequence(...extensions(request, keyIdentifier(key), keyIdentifier(signingKey)))),
  );
  const signature = sign('sha256', certificate, signingKey);
  return { key, cert: pem(sequence(certificate, algorithm, bitString(signature))) };
}

function extensions(request: CertificateRequest, ownKeyId: Buffer, issuerKeyId: Buffer): Der[] {
  const isAuthority = request.usage === 'ca';
  const result = [
    extension(OID.basicConstraints, true, isAuthority ? sequence(boolean(true)) : sequence()),
    // Bit 0 digitalSignature, bit 5 keyCertSign, bit 6 cRLSign.
    extension(OID.keyUsage, true, isAuthority ? bitString(Buffer.from([0x06]), 1) : bitString(Buffer.from([0x80]), 7)),
    extension(OID.subjectKeyId, false, octetString(ownKeyId)),
    extension(OID.authorityKeyId, false, sequence(implicitTag(0, issuerKeyId))),
  ];
  if (!isAuthority) {
    const purpose = request.usage === 'server' ? OID.serverAuth : OID.clientAuth;
    result.push(extension(OID.extendedKeyUsage, false, sequence(objectIdentifier(purpose))));
  }
  if (request.hosts !== undefined && request.hosts.length > 0) {
    result.push(extension(OID.subjectAltName, false, sequence(...request.hosts.map(generalName))));
  }
  return result;
}

function extension(identifier: string, critical: boolean, value: Der): Der {
  const parts = critical ? [objectIdentifier(identifier), boolean(true)] : [objectIdentifier(identifier)];
  return sequence(...parts, octetString(value));
}

const generalName = (host: string): Der =>
  isIP(host) === 0 ? implicitTag(2, Buffer.from(host, 'ascii')) : implicitTag(7, bytesOfAddress(host));

function distinguishedName(subject: Subject): Der {
  const attribute = (identifier: string, text: string): Der =>
    set(sequence(objectIdentifier(identifier), utf8String(text)));
  return sequence(
    ...(subject.organizations ?? []).map((name) => attribute(OID.organization, name)),
    attribute(OID.commonName, subject.commonName),
  );
}

const publicKeyInfo = (privateKeyPem: string): Buffer =>
  createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'der' });

const keyIdentifier = (privateKeyPem: string): Buffer =>
  createHash('sha1').update(publicKeyInfo(privateKeyPem)).digest();

function positiveSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

function pem(certificate: Der): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
