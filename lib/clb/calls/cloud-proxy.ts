/** Which proxy the environment asks for, by the rules that kubectl follows too (golang.org/x/net/http/httpproxy). */
import { BlockList, isIP } from 'node:net';
import { UsageError } from '../../core/errors.ts';
import { isLoopback } from './cloud-endpoint.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy's URL for `target`, or undefined to go straight. Upper case wins over lower case; loopback is never proxied.
 * Throws UsageError when the variable holds no HTTP proxy; its password, if any, is not repeated.
 */
export function proxyFor(target: URL, env: Environment): string | undefined {
  const scheme = target.protocol === 'https:' ? 'HTTPS' : 'HTTP';
  const [name, text] = firstSet(env, `${scheme}_PROXY`) ?? [];
  if (name === undefined || text === undefined || isLoopback(target.hostname)) return undefined;
  if (isExempt(target, firstSet(env, 'NO_PROXY')?.[1] ?? '')) return undefined;
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new UsageError(
      `${name} does not name a proxy that the cloud can be reached through`,
      'accepted: http://HOST:PORT or https://HOST:PORT; NO_PROXY=.tencentcloudapi.com goes round it',
    );
  }
  return url.href;
}

function firstSet(env: Environment, name: string): readonly [string, string] | undefined {
  for (const key of [name, name.toLowerCase()]) {
    const value = env[key]?.trim();
    if (value !== undefined && value !== '') return [key, value];
  }
  return undefined;
}

/** NO_PROXY: `*`, or a comma list of domains (with their subdomains), `.domain` (subdomains only), addresses and CIDRs, each with an optional port. */
function isExempt(target: URL, noProxy: string): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry.includes('/')) return inSubnet(entry, host);
  const [, name = entry, onlyPort] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(entry) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return bare === host;
  const domain = bare.replace(/^\*?\./, '');
  const subdomainsOnly = domain !== bare;
  return host.endsWith(`.${domain}`) || (!subdomainsOnly && host === domain);
}

function inSubnet(entry: string, host: string): boolean {
  const [network = '', prefix = ''] = entry.split('/');
  const family = isIP(network);
  if (
    family === 0 ||
    isIP(host) !== family ||
    !/^\d{1,3}$/.test(prefix) ||
    Number(prefix) > (family === 4 ? 32 : 128)
  ) {
    return false;
  }
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), type);
  return list.check(host, type);
}
