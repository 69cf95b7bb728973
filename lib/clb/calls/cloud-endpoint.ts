/** Which host answers for a service: the default site, another site, a finance region's own host, or a rehearsal endpoint. */
import { UsageError } from '../../core/errors.ts';
import { maskUserInfo } from '../../core/values/mask.ts';
import type { CloudService } from '../cloud.ts';

export interface Endpoint {
  protocol: 'https://' | 'http://';
  /** Host name, with a port when it is not the protocol's own. */
  host: string;
}

export type EndpointOf = (service: CloudService, region: string) => Endpoint;

/** The variable that points every call at another endpoint, for example the sandbox's. */
export const ENDPOINT_VARIABLE = 'ZEROLOSS_CLOUD_ENDPOINT';

const DEFAULT_ROOT = 'tencentcloudapi.com';
const SITES: Readonly<Record<string, string>> = {
  // Inside a Tencent VPC, where the public endpoint may be out of reach.
  internal: 'internal.tencentcloudapi.com',
  intl: 'intl.tencentcloudapi.com',
};
/** A domain and not an address: its last label begins with a letter. */
const ROOT_DOMAIN = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?(:\d{1,5})?$/i;

/**
 * The environment's endpoint wins over `--cloud-site`: `intl`, `internal`, or a root domain that the service's name is put before.
 * Throws UsageError on a malformed site and on plain HTTP to anywhere but loopback (signatures do not hide what is sent).
 */
export function planEndpoints(options: { variable?: string | undefined; cloudSite?: string | undefined }): EndpointOf {
  const { variable, cloudSite } = options;
  // Read in any case: a flag that is not understood is never passed over.
  const ofSite = cloudSite === undefined ? undefined : rootOf(cloudSite);
  if (variable !== undefined && variable !== '') return fromVariable(variable);
  if (ofSite !== undefined) return (service) => https(`${service}.${ofSite}`);
  // Finance zones are served by their own regional host only (Tencent Cloud API, common parameters).
  return (service, region) =>
    https(region.endsWith('-fsi') ? `${service}.${region}.${DEFAULT_ROOT}` : `${service}.${DEFAULT_ROOT}`);
}

function rootOf(cloudSite: string): string {
  const known = Object.hasOwn(SITES, cloudSite) ? SITES[cloudSite] : undefined;
  if (known !== undefined) return known;
  if (ROOT_DOMAIN.test(cloudSite)) return cloudSite;
  throw new UsageError(
    `--cloud-site "${cloudSite}" is neither a site nor a root domain`,
    'accepted: intl, internal, or a domain such as tencentcloudapi.com, to which the service is put in front (clb.tencentcloudapi.com)',
  );
}

const https = (host: string): Endpoint => ({ protocol: 'https://', host });

function fromVariable(text: string): EndpointOf {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.protocol === 'http:';
  const isEndpoint = url !== undefined && (plain || url.protocol === 'https:') && url.pathname === '/';
  if (!isEndpoint || url.username !== '' || url.password !== '') {
    throw new UsageError(
      `${ENDPOINT_VARIABLE} is not an endpoint: "${maskUserInfo(text)}"`,
      'accepted: https://DOMAIN, or http://127.0.0.1:PORT for a rehearsal; `unset` it to use the real cloud',
    );
  }
  // One loopback server stands for all services; anywhere else the service's name is part of the host, and of the signature.
  if (isLoopbackHost(url.hostname)) {
    const endpoint: Endpoint = { protocol: plain ? 'http://' : 'https://', host: url.host };
    return () => endpoint;
  }
  if (plain) {
    throw new UsageError(
      `${ENDPOINT_VARIABLE} uses plain HTTP to ${url.hostname}: session tokens would travel in the clear`,
      'http:// is accepted for loopback only; use https://',
    );
  }
  if (!ROOT_DOMAIN.test(url.host)) {
    throw new UsageError(`${ENDPOINT_VARIABLE} must name a domain, not ${url.host}`, 'accepted: https://DOMAIN');
  }
  return (service) => https(`${service}.${url.host}`);
}

/** localhost, 127.0.0.0/8 and [::1] as URL.hostname spells them. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
