/** TC3-HMAC-SHA256, verified for real (Tencent Cloud API signature v3). */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { CloudFault } from '../balancers/fault.ts';

/** A signed request as it came over the wire. */
export interface SignedRequest {
  method: string;
  /** Path and query. */
  target: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** The parts of an Authorization header. */
export interface Authorization {
  secretId: string;
  date: string;
  service: string;
  signedHeaders: readonly string[];
  signature: string;
}

const FORMAT =
  /^TC3-HMAC-SHA256 Credential=([^/]+)\/([^/]+)\/([^/]+)\/tc3_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const SKEW_SECONDS = 300;

/** Throws AuthFailure.InvalidAuthorization on anything that is not a TC3 header. */
export function parseAuthorization(header: string | undefined): Authorization {
  const [, secretId = '', date = '', service = '', signedHeaders = '', signature = ''] =
    FORMAT.exec(header ?? '') ?? [];
  if (signature === '') {
    throw new CloudFault('AuthFailure.InvalidAuthorization', 'The `Authorization` header is missing or malformed.');
  }
  return { secretId, date, service, signedHeaders: signedHeaders.split(';'), signature };
}

/** Throws AuthFailure.SignatureExpire when the request's clock is more than five minutes off, or its day is not the scope's. */
export function assertFresh(headers: IncomingHttpHeaders, authorization: Authorization, nowMs: number): number {
  const timestamp = Number(headers['x-tc-timestamp']);
  const nowSeconds = Math.floor(nowMs / 1000);
  const day = Number.isInteger(timestamp) ? new Date(timestamp * 1000).toISOString().slice(0, 10) : '';
  if (day === authorization.date && Math.abs(nowSeconds - timestamp) <= SKEW_SECONDS) return timestamp;
  throw new CloudFault(
    'AuthFailure.SignatureExpire',
    `The provided credentials are expired: X-TC-Timestamp ${headers['x-tc-timestamp'] ?? 'missing'}, server time ${nowSeconds}.`,
  );
}

/** Throws AuthFailure.SignatureFailure unless the signature is that of `secretKey` over the request as sent. */
export function assertSigned(
  request: SignedRequest,
  authorization: Authorization,
  timestamp: number,
  secretKey: string,
): void {
  const given = Buffer.from(authorization.signature, 'hex');
  // Clients disagree on whether the signed host has the port, so both are accepted (Node SDK: without).
  const hosts = [...new Set([request.headers.host ?? '', (request.headers.host ?? '').replace(/:\d+$/, '')])];
  const matches = hosts.some((host) =>
    timingSafeEqual(given, signature(request, authorization, timestamp, secretKey, host)),
  );
  if (matches) return;
  throw new CloudFault(
    'AuthFailure.SignatureFailure',
    'The provided credentials could not be validated. Please check your signature is correct.',
  );
}

function signature(
  request: SignedRequest,
  { date, service, signedHeaders }: Authorization,
  timestamp: number,
  secretKey: string,
  host: string,
): Buffer {
  const [path = '/', query = ''] = request.target.split('?');
  const headerValue = (name: string): string => {
    const value = name === 'host' ? host : request.headers[name];
    return String(value ?? '')
      .trim()
      .toLowerCase();
  };
  const canonicalHeaders = signedHeaders.map((name) => `${name}:${headerValue(name)}\n`).join('');
  const canonical = [request.method, path, query, canonicalHeaders, signedHeaders.join(';'), sha256(request.body)].join(
    '\n',
  );
  const scope = `${date}/${service}/tc3_request`;
  const toSign = ['TC3-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n');
  const key = [date, service, 'tc3_request'].reduce<Buffer>(hmac, Buffer.from(`TC3${secretKey}`));
  return hmac(key, toSign);
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
