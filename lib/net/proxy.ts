/** The one rule for proxies of the environment, for cluster and cloud alike: the rule of Go's httpproxy, and so of kubectl. */
import { BlockList, isIP } from 'node:net';
import { ConnectionError } from '../core/errors.ts';
import { maskUserInfo } from '../core/values/mask.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** With the colon, as URL.protocol has them. */
export const PROXY_SCHEMES: readonly string[] = ['http:', 'https:', 'socks5:', 'socks5h:'];

/**
 * The proxy's URL for `target`: HTTPS_PROXY or HTTP_PROXY by the target's scheme, upper case before lower case, unless NO_PROXY
 * exempts the target; loopback is never proxied (golang.org/x/net/http/httpproxy). Undefined: go straight.
 * Throws ConnectionError for a variable that holds no URL of a proxy, where Go would silently go straight.
 */
export function environmentProxy(target: URL, env: Environment): string | undefined {
  const variable = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = either(env, variable);
  if (!proxy || bypassesProxy(target, either(env, 'NO_PROXY') ?? '')) return undefined;
  const url = proxy.includes('://') ? proxy : `http://${proxy}`;
  if (PROXY_SCHEMES.includes(URL.parse(url)?.protocol ?? '')) return url;
  throw new ConnectionError(
    `error: invalid proxy address ${JSON.stringify(maskUserInfo(url))} in the environment: ${variable} must be a URL with http, https or socks5`,
    { hint: `for example ${variable}=http://proxy.example:3128; NO_PROXY names the hosts that need none` },
  );
}

function either(env: Environment, name: string): string | undefined {
  return env[name] || env[name.toLowerCase()] || undefined;
}

/** Whether NO_PROXY exempts the target: '*', addresses, CIDRs, `example.com` (and below), `.example.com` (only below), each but '*' and CIDRs with an optional port. */
export function bypassesProxy(target: URL, noProxy: string): boolean {
  const host = plainAddress(target.hostname.replace(/^\[|\]$/g, '').toLowerCase());
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || LOOPBACK.some((network) => contains(network, host))) return true;
  const rules = noProxy
    .split(',')
    .map((rule) => rule.trim().toLowerCase())
    .filter((rule) => rule !== '');
  return rules.includes('*') || rules.some((rule) => matches(rule, host, port));
}

/** Addresses of one family: Node would find those of the other in a list too. */
interface Network {
  family: Family;
  list: BlockList;
}

type Family = 'ipv4' | 'ipv6';

const LOOPBACK: readonly Network[] = [network('127.0.0.0', 8, 'ipv4'), network('::1', 128, 'ipv6')];

function network(address: string, prefix: number, family: Family): Network {
  const list = new BlockList();
  list.addSubnet(address, prefix, family);
  return { family, list };
}

function matches(rule: string, host: string, port: string): boolean {
  const named = subnet(rule);
  if (named !== undefined) return contains(named, host);
  const [text, onlyPort] = splitPort(rule);
  const name = plainAddress(text);
  if (name === '' || (onlyPort !== '' && onlyPort !== port)) return false;
  const family = familyOf(name);
  if (family !== undefined) return contains(network(name, family === 'ipv6' ? 128 : 32, family), host);
  if (isIP(host) !== 0) return false;
  const domain = asciiOf(name.replace(/^\*(?=\.)/, ''));
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

/** `host:port` and `[v6]:port`; without exactly one colon outside of brackets there is no port (net.SplitHostPort). */
function splitPort(rule: string): readonly [name: string, port: string] {
  const split = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(rule);
  return split === null ? [rule, ''] : [split[1] ?? split[2] ?? '', split[3] ?? ''];
}

function subnet(rule: string): Network | undefined {
  const [address = '', prefix = '', ...rest] = rule.split('/');
  const family = familyOf(address);
  if (family === undefined || rest.length > 0 || !/^\d{1,3}$/.test(prefix)) return undefined;
  if (Number(prefix) > (family === 'ipv6' ? 128 : 32)) return undefined;
  return network(address, Number(prefix), family);
}

/** An IPv4 address in IPv6's dress (RFC 4291, 2.5.5.2) without it: Go takes both for the same. */
function plainAddress(text: string): string {
  if (isIP(text) !== 6) return text;
  const [, high, low] =
    /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(URL.parse(`http://[${text}]`)?.hostname ?? '') ?? [];
  if (high === undefined || low === undefined) return text;
  return [high, low].flatMap((half) => [Number.parseInt(half, 16) >> 8, Number.parseInt(half, 16) & 255]).join('.');
}

function contains({ family, list }: Network, host: string): boolean {
  return familyOf(host) === family && list.check(host, family);
}

function familyOf(text: string): Family | undefined {
  return isIP(text) === 4 ? 'ipv4' : isIP(text) === 6 ? 'ipv6' : undefined;
}

/** A name of other scripts as the DNS has it; URL.hostname has it so already. */
function asciiOf(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII
  if (/^[\x00-\x7f]*$/.test(name)) return name;
  const dot = name.startsWith('.') ? '.' : '';
  return `${dot}${URL.parse(`http://${name.slice(dot.length)}`)?.hostname ?? name.slice(dot.length)}`;
}
