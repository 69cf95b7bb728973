import { asMap, asText } from '../json.ts';
import { badRequest, PatchError } from '../patch/patch-error.ts';
import { decodeMessage } from './decode-message.ts';
import { MESSAGES, UNKNOWN } from './descriptors.ts';

/** Four bytes before every protobuf body of the API: `k8s` and a zero. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/**
 * The object in a protobuf body of the Kubernetes API (application/vnd.kubernetes.protobuf), as its JSON would be.
 * Throws PatchError: 400 when the bytes are malformed or hold a field not read here, 415 for a kind not read here.
 */
export function decodeProtobuf(body: Uint8Array): object {
  if (MAGIC.some((byte, index) => body[index] !== byte)) {
    throw badRequest('the body does not begin as a protobuf body of this API does ("k8s\\0")');
  }
  const { typeMeta, raw, contentEncoding } = decodeMessage(body.subarray(MAGIC.length), UNKNOWN, 'Unknown');
  const { apiVersion, kind } = asMap(typeMeta);
  const message = MESSAGES[asText(kind)];
  if (message === undefined || contentEncoding !== undefined) {
    throw new PatchError(
      415,
      'UnsupportedMediaType',
      `a ${asText(kind) || 'message without a kind'} cannot be read from protobuf here; send it as application/json (kubectl create -f does)`,
    );
  }
  return { kind, apiVersion, ...decodeMessage(Buffer.from(asText(raw), 'base64'), message, asText(kind)) };
}
