/** Issues X.509 v3 certificates (RFC 5280) on EC P-256 keys; node:crypto reads certificates but cannot make them. */
// @peculiar/x509 does not load without it.
import 'reflect-metadata';
import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  key: string;
  cert: string;
}

/** The subject of a certificate: Kubernetes reads CN as the user and each O as a group. */
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

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A new key with a certificate signed by `issuer`, or by itself when there is none (a root). */
export async function issueCertificate(request: CertificateRequest, issuer?: KeyPair): Promise<KeyPair> {
  const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const signing = issuer === undefined ? own : keysOf(issuer);
  const certificate = await X509CertificateGenerator.create(
    {
      subject: nameOf(request.subject),
      // As the authority's own certificate spells it: another program may have encoded the same text otherwise, and Go compares bytes.
      issuer: issuer === undefined ? nameOf(request.subject) : new X509Certificate(issuer.cert).subjectName,
      notBefore: new Date(request.notBeforeMs),
      notAfter: new Date(request.notAfterMs),
      publicKey: own.publicKey,
      signingKey: signing.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        ...usageExtensions(request),
        await SubjectKeyIdentifierExtension.create(own.publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(signing.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const key = KeyObject.from(own.privateKey).export({ type: 'pkcs8', format: 'pem' });
  return { key: String(key), cert: `${certificate.toString('pem')}\n` };
}

function keysOf({ key, cert }: KeyPair) {
  return {
    privateKey: createPrivateKey(key).toCryptoKey(ALGORITHM, false, ['sign']),
    publicKey: new X509Certificate(cert).publicKey,
  };
}

function usageExtensions({ usage, hosts = [] }: CertificateRequest): Extension[] {
  if (usage === 'ca') {
    const signs = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;
    return [new BasicConstraintsExtension(true, undefined, true), new KeyUsagesExtension(signs, true)];
  }
  const purpose = usage === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;
  const names = hosts.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }));
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([purpose]),
    ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
  ];
}

/** Texts in UTF-8, and each organization a name of its own, in their order. */
function nameOf({ commonName, organizations = [] }: Subject): JsonName {
  return [...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }];
}
