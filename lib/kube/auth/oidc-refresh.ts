/** OIDC tokens that have expired are renewed here as kubectl renews them, on connections of their own. */

import { maskUserInfo } from '../../core/values/mask.ts';
import { systemErrorText } from '../../core/values/system-error.ts';
import { environmentProxy } from '../../net/proxy.ts';
import { MIB } from '../../net/read-body.ts';
import type { TlsMaterial } from '../../net/tls-material.ts';
import { readBytes } from '../../read-file.ts';
import { connectionPool } from '../wire/connection-pool.ts';
import { bodyText, CONNECT_TIMEOUT_MS, exchange } from '../wire/send-request.ts';

export interface OidcTokens {
  idToken: string;
  /** '' when there is none. */
  refreshToken: string;
}

type Config = Readonly<Record<string, string>>;
type Env = Record<string, string | undefined>;
type Ask = (url: URL, body?: URLSearchParams, authorization?: string) => Promise<{ status: number; text: string }>;

const SILENCE_MS = 30_000;

/**
 * New tokens by a refresh token: discovery, then the refresh_token grant (OpenID Connect Discovery 1.0, 4; RFC 6749, 6).
 * Throws Error in the words of client-go's oidc plugin, and ConnectionError when the provider cannot be reached.
 */
export async function refreshTokens(
  config: Config,
  refreshToken: string,
  env: Env,
  signal: AbortSignal,
): Promise<OidcTokens> {
  if (refreshToken === '') throw new Error('No valid id-token, and cannot refresh without refresh-token');
  const issuer = config['idp-issuer-url'];
  if (!issuer) throw new Error('Must provide idp-issuer-url');
  if (!config['client-id']) throw new Error('Must provide client-id');
  const ask = asking(await trustOf(config), env, signal);
  const granted = await grant(ask, await tokenEndpoint(ask, issuer), config, refreshToken);
  const { id_token: idToken, refresh_token: next } = granted;
  if (typeof idToken !== 'string') {
    throw new Error(
      `token response did not contain an id_token, either the scope "openid" wasn't requested upon login, or the provider doesn't support id_tokens as part of the refresh response`,
    );
  }
  // Without a new one the old one goes on.
  return { idToken, refreshToken: typeof next === 'string' && next !== '' ? next : refreshToken };
}

async function trustOf(config: Config): Promise<TlsMaterial> {
  const { 'idp-certificate-authority-data': data, 'idp-certificate-authority': file } = config;
  if (data) return { ca: Buffer.from(data, 'base64') };
  if (!file) return {};
  try {
    return { ca: await readBytes(file) };
  } catch (error) {
    throw new Error(`idp-certificate-authority ${file} cannot be read: ${systemErrorText(error)}`);
  }
}

async function tokenEndpoint(ask: Ask, issuer: string): Promise<URL> {
  const url = httpUrl(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (url === undefined) throw new Error(`idp-issuer-url "${issuer}" is not an http(s) URL`);
  const { status, text } = await ask(url);
  if (status !== 200) throw new Error(`${url.href} answered ${status}`);
  const endpoint = httpUrl(String(fieldsOf(text)['token_endpoint']));
  if (endpoint === undefined) throw new Error("openid: discovery object doesn't contain a token_endpoint");
  return endpoint;
}

/** A client secret goes in the header first and in the body when that is refused: providers differ (x/oauth2, AuthStyleAutoDetect). */
async function grant(ask: Ask, url: URL, config: Config, refreshToken: string): Promise<Record<string, unknown>> {
  const { 'client-id': id = '', 'client-secret': secret } = config;
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
  const inBody = new URLSearchParams({ ...form, client_id: id, ...(secret && { client_secret: secret }) });
  const basic = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret ?? '')}`).toString('base64');
  let answer = secret ? await ask(url, new URLSearchParams(form), `Basic ${basic}`) : await ask(url, inBody);
  const isClientsFault = answer.status >= 400 && answer.status < 500;
  if (secret && isClientsFault && fieldsOf(answer.text)['error'] !== 'invalid_grant') answer = await ask(url, inBody);
  const fields = fieldsOf(answer.text);
  if (answer.status === 200) return fields;
  const { error, error_description: description } = fields;
  const why =
    typeof error === 'string'
      ? [error, description].filter((part) => typeof part === 'string').map((part) => JSON.stringify(part))
      : [`cannot fetch token: ${url.href} answered ${answer.status}`];
  throw new Error(`failed to refresh token: oauth2: ${why.join(' ')}`);
}

/** One request on a connection of its own, through the proxy of the environment, as Go's default client. */
function asking(tls: TlsMaterial, env: Env, signal: AbortSignal): Ask {
  return async (url, form, authorization) => {
    const proxy = environmentProxy(url, env);
    const pool = connectionPool(url, tls, proxy);
    const body = form && Buffer.from(form.toString());
    try {
      const answer = await exchange({
        ...{ url, body, signal, agent: await pool.agentFor({}) },
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          Accept: 'application/json',
          ...(body && { 'Content-Type': 'application/x-www-form-urlencoded' }),
          ...(authorization && { Authorization: authorization }),
        },
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        idleTimeoutMs: SILENCE_MS,
        via: proxy && maskUserInfo(proxy),
      });
      return {
        status: answer.status,
        text: await bodyText(answer.body, {
          url,
          request: `${body === undefined ? 'GET' : 'POST'} ${url.origin}${url.pathname}`,
          signal,
          maxBytes: MIB,
        }),
      };
    } finally {
      await pool.close();
    }
  };
}

function httpUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(text) as object) };
  } catch {
    return {};
  }
}
