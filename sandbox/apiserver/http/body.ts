/** Reads and decodes request bodies: JSON, YAML, and the protobuf that kubectl sends for a few objects. */
import type { IncomingMessage } from 'node:http';
import { isMap, type JsonMap } from '../../semantics/json.ts';
import { decodeProtobuf } from '../../semantics/protobuf/protobuf-body.ts';
import { ApiError, badRequest, type ErrorDetails } from './api-error.ts';

/** The real server's limit for one request. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;

const OBJECT_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** The whole body. A body without Content-Length or chunking is no body in HTTP/1.1 and reads as empty. Throws 413 above 3 MiB. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`, {});
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The media type without its parameters; undefined when the client named none. */
export const mediaType = (request: IncomingMessage): string | undefined =>
  request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();

/** 415 in the server's words. */
export const unsupportedMediaType = (accepted: readonly string[], details?: ErrorDetails): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    details,
  );

/** An object sent to be created, replaced or to act as options. Without a Content-Type it is taken for JSON, as the real server does. */
export async function decodeObject(type: string | undefined, body: Buffer): Promise<JsonMap> {
  const decoded = await decodeAs(type ?? 'application/json', body);
  if (!isMap(decoded)) throw badRequest('the body of the request must be an object');
  return decoded;
}

async function decodeAs(type: string, body: Buffer): Promise<unknown> {
  if (type === 'application/json') return parseJson(body);
  if (type === 'application/yaml') return parseYaml(body);
  if (type === 'application/vnd.kubernetes.protobuf') return decodeProtobuf(body);
  throw unsupportedMediaType(OBJECT_TYPES);
}

/** JSON, or 400 saying where it ends to be JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw badRequest(`couldn't parse the body of the request as JSON: ${(error as Error).message}`);
  }
}

/** YAML, of which JSON is a part: what server-side apply sends. */
export async function parseYaml(body: Buffer): Promise<unknown> {
  const text = body.toString('utf8');
  // kubectl labels JSON as YAML, and JSON is much quicker to read.
  if (text.trimStart().startsWith('{')) return parseJson(body);
  const { CORE_SCHEMA, load } = await import('js-yaml');
  try {
    return load(text, { schema: CORE_SCHEMA });
  } catch (error) {
    throw badRequest(`error decoding YAML: ${(error as Error).message}`);
  }
}
