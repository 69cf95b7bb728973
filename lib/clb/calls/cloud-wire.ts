/** One request, once: the SDK signs it (TC3-HMAC-SHA256) and sends it; everything that goes wrong becomes a WireError. */
import type { Agent } from 'node:http';
import { agentFor } from '../../net/agent.ts';
import { environmentProxy } from '../../net/proxy.ts';
import { CLOUD_API_VERSION, type CloudService } from '../cloud.ts';
import type { CloudKeys } from '../credentials/source.ts';
import { type AnswerObject, isObject } from './cloud-answer.ts';
import type { EndpointOf } from './cloud-endpoint.ts';
import { readFailure, WireError } from './cloud-failure.ts';
import { readAnswer } from './read-answer.ts';

export interface WireRequest {
  service: CloudService;
  action: string;
  params: unknown;
  region: string;
  credential: CloudKeys | 'unsigned';
  signal: AbortSignal | undefined;
}

export interface WireOptions {
  endpointOf: EndpointOf;
  env: Readonly<Record<string, string | undefined>>;
  timeoutMs: number;
}

export type Send = (request: WireRequest) => Promise<AnswerObject>;

/** Nothing is loaded or connected before the first request. */
export function openWire({ endpointOf, env, timeoutMs }: WireOptions): Send {
  let loaded: ReturnType<typeof load> | undefined;
  const agents = new Map<string, Promise<Agent>>();
  return async ({ service, action, params, region, credential, signal }) => {
    const endpoint = endpointOf(service, region);
    const url = new URL(`${endpoint.protocol}${endpoint.host}`);
    const proxy = environmentProxy(url, env);
    // Of our own: the SDK's knows no NO_PROXY, and verifies or not as the environment says.
    const key = `${endpoint.protocol} ${proxy}`;
    const agent = agents.get(key) ?? agentFor(url, {}, proxy);
    agents.set(key, agent);
    // Only the SDK's base client is loaded: the generated clients add nothing but method names.
    loaded ??= load();
    const Client = await loaded;
    const client = new Client(endpoint.host, CLOUD_API_VERSION[service], {
      credential: credential === 'unsigned' ? {} : credential,
      region,
      profile: {
        language: 'en-US',
        httpProfile: { protocol: endpoint.protocol, reqTimeout: timeoutMs / 1000, agent: await agent },
      },
    });
    // The SDK reads without a limit, and throws a TypeError for what has another shape.
    Object.assign(client, { parseResponse: readAnswer });
    const deadline = AbortSignal.timeout(timeoutMs);
    const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    try {
      const answer: unknown = await client.request(action, params, {
        signal: either,
        skipSign: credential === 'unsigned',
      });
      if (isObject(answer)) return answer;
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof WireError ? error : new WireError(readFailure(error, deadline.aborted), error);
    }
    throw new WireError({ kind: 'not-the-api', reason: 'the answer has no Response' }, undefined);
  };
}

type Sdk = typeof import('tencentcloud-sdk-nodejs-common/tencentcloud/common/common_client.js');

async function load(): Promise<Sdk['CommonClient']> {
  const sdk = await import('tencentcloud-sdk-nodejs-common/tencentcloud/common/common_client.js');
  // A CommonJS module: a bundle has its names on the default export alone, a loader that transpiles may have no default.
  const { CommonClient } = 'CommonClient' in sdk ? sdk : (sdk as { default: Pick<Sdk, 'CommonClient'> }).default;
  return CommonClient;
}
