/** The way into the cloud: which account, region and endpoint, from flags, environment and files. */

import { ConnectionError } from '../core/errors.ts';
import { systemErrorText } from '../core/values/system-error.ts';
import type { Clock } from '../ports.ts';
import { readText } from '../read-file.ts';
import { createCalls, type Trace } from './calls/calls.ts';
import { ENDPOINT_VARIABLE, planEndpoints } from './calls/cloud-endpoint.ts';
import { openWire } from './calls/cloud-wire.ts';
import { createLimiter } from './calls/limiter.ts';
import type { Cloud, RegionWishes } from './cloud.ts';
import { CREDENTIAL_SOURCES } from './credentials/chain.ts';
import { createHolder } from './credentials/holder.ts';
import { METADATA_VARIABLE, openMetadata } from './credentials/instance-metadata.ts';
import type { CredentialContext, CredentialFlags } from './credentials/source.ts';
import { profileRegion } from './credentials/tccli-files.ts';

export interface CloudFlags extends CredentialFlags {
  region?: string;
  cloudSite?: string;
}

export interface ConnectCloudOptions {
  env: Readonly<Record<string, string | undefined>>;
  flags: CloudFlags;
  homeDir: string;
  clock: Clock;
  /** 0 up to 1, for pauses; Math.random unless given. */
  random?: () => number;
  trace?: Trace;
  /** Takes the line about an answer that does not come; no line is shown without it. */
  tell?: (line: string) => void;
  /** The highest level of traces that anybody reads; higher ones are not made. Default: all. */
  verbosity?: number;
  /** Longest time one try of one request may take. */
  fetchTimeoutMs?: number;
  /** Directory of system-wide configuration, `/etc` unless given. */
  systemDir?: string;
}

const FETCH_TIMEOUT_MS = 15_000;
/** STS is one service for all regions, but every request names one. */
const STS_REGION = 'ap-guangzhou';

/**
 * The cloud's API for the account that flags, environment and files name. Nothing is sent, and no credentials are looked for,
 * before the first call. Throws UsageError on a malformed site or endpoint, ConnectionError on an unreadable profile.
 */
export async function connectCloud(options: ConnectCloudOptions): Promise<Cloud> {
  const {
    env,
    flags,
    homeDir,
    clock,
    random = Math.random,
    trace = () => {},
    verbosity = Number.POSITIVE_INFINITY,
  } = options;
  const timeoutMs = options.fetchTimeoutMs ?? FETCH_TIMEOUT_MS;
  const endpointOf = planEndpoints({ variable: env[ENDPOINT_VARIABLE], cloudSite: flags.cloudSite });
  if (env[ENDPOINT_VARIABLE] && flags.cloudSite !== undefined)
    trace(0, `${ENDPOINT_VARIABLE} is set, and goes before --cloud-site ${flags.cloudSite}`);
  const send = openWire({ endpointOf, env, timeoutMs });
  const call = createCalls({
    send,
    endpointOf,
    limiter: createLimiter(clock),
    clock,
    random,
    trace,
    verbosity,
    timeoutMs,
    tell: options.tell ?? (() => undefined),
  });
  const context: CredentialContext = {
    env,
    flags,
    homeDir,
    systemDir: options.systemDir ?? '/etc',
    clock,
    trace,
    readText: readIfThere,
    metadata: openMetadata(env[METADATA_VARIABLE]),
    sts: (action, params, { credential, region, signal }) =>
      call({ service: 'sts', action, params, region: region || flags.region || STS_REGION, signal }, credential),
  };
  const holder = createHolder(CREDENTIAL_SOURCES, context);
  return {
    regions: await wishedRegions(context, flags),
    credentials: async (signal) => holder.identity(await holder.current(signal)).text,
    call: (service, action, params, { region, signal }) => call({ service, action, params, region, signal }, holder),
  };
}

async function wishedRegions(context: CredentialContext, flags: CloudFlags): Promise<RegionWishes> {
  const environment = context.env['TENCENTCLOUD_REGION'] || context.env['TKE_REGION'];
  // A profile is not read, nor its faults reported, where its word would not count.
  const profile = flags.region === undefined && !environment ? await profileRegion(context) : undefined;
  return {
    ...(flags.region === undefined ? {} : { flag: flags.region }),
    ...(environment ? { environment } : {}),
    ...(profile === undefined ? {} : { profile }),
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readText(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ConnectionError(`${path} cannot be read: ${systemErrorText(cause)}`, { cause });
  }
}
