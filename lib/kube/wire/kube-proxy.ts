import { BlockList, isIP } from 'node:net';
import { ConnectionError } from '../../core/errors.ts';
import { maskUserInfo } from './user-info.ts';

export const PROXY_SCHEMES: readonly string[] = ['http:', 'https:', 'socks5:', 'socks5h:'];

/**
 * The proxy for a server, as Go decides it: the cluster's proxy-url, else HTTPS_PROXY or HTTP_PROXY (either case, upper first)
 * unless NO_PROXY names the host; loopback is never proxied (golang.org/x/net/http/httpproxy).
 * Throws ConnectionError for a variable that holds no URL of a proxy; proxy-url has been looked at before.
 */
export function proxyFor(
  server: URL,
  clusterProxyUrl: string | undefined,
  env: Record<string, string | undefined>,
): string | undefined {
  if (clusterProxyUrl) return clusterProxyUrl;
  const variable = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = either(env, variable);
  if (!proxy || bypassesProxy(server, either(env, 'NO_PROXY') ?? '')) return undefined;
  const url = proxy.includes('://') ? proxy : `http://${proxy}`;
  if (PROXY_SCHEMES.includes(URL.parse(url)?.protocol ?? '')) return url;
  throw new ConnectionError(
    `error: invalid proxy address ${JSON.stringify(maskUserInfo(url))} in the environment: ${variable} must be a URL with http, https or socks5`,
    { hint: `for example ${variable}=http://proxy.example:3128; NO_PROXY names the hosts that need none` },
  );
}

function either(env: Record<string, string | undefined>, name: string): string | undefined {
  return env[name] || env[name.toLowerCase()] || undefined;
}

/** Whether NO_PROXY exempts the server: '*', addresses, CIDRs, `example.com` (and below), `.example.com` (only below), each with optional port. */
export function bypassesProxy(server: URL, noProxy: string): boolean {
  const host = server.hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || isLoopback(host)) return true;
  return noProxy
    .split(',')
    .map((rule) => rule.trim().toLowerCase())
    .filter((rule) => rule !== '')
    .some((rule) => rule === '*' || matches(rule, host, port));
}

function matches(rule: string, host: string, port: string): boolean {
  if (rule.includes('/')) return inSubnet(host, rule);
  const split = isIP(rule) ? null : /^\[?([^\]]*?)\]?:(\d+)$/.exec(rule);
  const name = split?.[1] ?? rule;
  if (split && split[2] !== port) return false;
  if (isIP(name)) return name === host;
  const suffix = name.replace(/^\*(?=\.)/, '');
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function inSubnet(host: string, rule: string): boolean {
  const [network = '', prefix = ''] = rule.split('/');
  const family = familyOf(network);
  if (family === undefined || familyOf(host) !== family || !/^\d{1,3}$/.test(prefix)) return false;
  if (Number(prefix) > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(host, family);
}

function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function familyOf(text: string): 'ipv4' | 'ipv6' | undefined {
  return isIP(text) === 4 ? 'ipv4' : isIP(text) === 6 ? 'ipv6' : undefined;
}
