import { ConnectionError } from '../../core/errors.ts';

/**
 * Parses the kubeconfig's `server` as client-go does: a bare host[:port] gets https when TLS is configured, else http;
 * a path is kept as prefix of every request. Throws ConnectionError for anything but http and https.
 */
export function parseServerUrl(server: string, hasTlsConfig: boolean): URL {
  const text = server.includes('://') ? server : `${hasTlsConfig ? 'https' : 'http'}://${server}`;
  if (!URL.canParse(text)) {
    throw new ConnectionError(`error: host must be a URL or a host:port pair: "${server}"`, {
      hint: 'for example https://cls-abc.example.com:6443',
    });
  }
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new ConnectionError(
      `Unable to connect to the server: unsupported protocol scheme "${url.protocol.slice(0, -1)}"`,
      {
        hint: 'http and https are supported',
      },
    );
  }
  url.hash = '';
  url.search = '';
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}
