/** The instance metadata service, which only machines of the cloud can reach. */
import { ConnectionError, UsageError } from '../../core/errors.ts';
import { maskUserInfo } from '../../core/values/mask.ts';
import { isLoopbackHost } from '../calls/cloud-endpoint.ts';
import { MetadataUnreachable } from './cvm-role.ts';
import type { CredentialContext } from './source.ts';

/** Names another metadata root (loopback only), or `off`. */
export const METADATA_VARIABLE = 'ZEROLOSS_METADATA_ENDPOINT';

const ROOT = 'http://metadata.tencentyun.com/latest/meta-data/';
/** On a cloud machine the answer takes milliseconds; elsewhere this is what the attempt may cost. */
const TIMEOUT_MS = 1000;
const MAX_BYTES = 64 * 1024;

/** GET below the metadata root, straight and never through a proxy. Throws UsageError when the variable is not usable. */
export function openMetadata(variable: string | undefined, timeoutMs = TIMEOUT_MS): CredentialContext['metadata'] {
  if (variable === 'off') {
    return async () => {
      throw new MetadataUnreachable(`not asked, since ${METADATA_VARIABLE} is "off"`);
    };
  }
  const root = variable ? loopbackRoot(variable) : ROOT;
  return async (path, signal) => {
    const { get } = await import('node:http');
    const deadline = AbortSignal.timeout(timeoutMs);
    const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    try {
      return await new Promise<string | undefined>((resolve, reject) => {
        get(new URL(path, root), { signal: either }, (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('error', reject);
          response.on('data', (chunk: string) => {
            body += chunk;
            if (body.length > MAX_BYTES) response.destroy(new Error('the answer is too long'));
          });
          response.on('end', () => {
            if (response.statusCode === 200) resolve(body);
            else if (response.statusCode === 404) resolve(undefined);
            else reject(new ConnectionError(`the instance metadata answered with status ${response.statusCode}`));
          });
        }).on('error', reject);
      });
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof ConnectionError) throw cause;
      throw new MetadataUnreachable('no instance metadata service answers here', { cause });
    }
  };
}

function loopbackRoot(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' || !isLoopbackHost(url.hostname)) {
    throw new UsageError(
      `${METADATA_VARIABLE} is not usable: "${maskUserInfo(text)}"`,
      'accepted: off, or http://127.0.0.1:PORT/',
    );
  }
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}
