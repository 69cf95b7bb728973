/** One request, once: the SDK signs it (TC3-HMAC-SHA256) and sends it; everything that goes wrong becomes a WireError. */
import type { Agent } from 'node:http';
import { API_VERSION, type CloudService } from '../cloud.ts';
import type { Credential } from '../credentials/source.ts';
import { type Answer, isRecord } from './cloud-answer.ts';
import type { Endpoint, EndpointOf } from './cloud-endpoint.ts';
import { readFailure, WireError } from './cloud-failure.ts';
import { proxyFor } from './cloud-proxy.ts';

export interface WireRequest {
  service: CloudService;
  action: string;
  params: unknown;
  region: string;
  credential: Credential | 'unsigned';
  signal: AbortSignal | undefined;
}

export interface WireOptions {
  endpointOf: EndpointOf;
  env: Readonly<Record<string, string | undefined>>;
  timeoutMs: number;
}

export type Send = (request: WireRequest) => Promise<Answer>;

/** Nothing is loaded or connected before the first request. */
export function openWire({ endpointOf, env, timeoutMs }: WireOptions): Send {
  let loaded: Promise<Loaded> | undefined;
  return async ({ service, action, params, region, credential, signal }) => {
    const endpoint = endpointOf(service, region);
    // Only the SDK's base client is loaded: the generated clients add nothing but method names.
    loaded ??= load();
    const { CommonClient, agentFor } = await loaded;
    const url = new URL(`${endpoint.protocol}${endpoint.host}`);
    const proxy = proxyFor(url, env);
    const client = new CommonClient(endpoint.host, API_VERSION[service], {
      credential: credential === 'unsigned' ? {} : credential,
      region,
      profile: {
        language: 'en-US',
        httpProfile: {
          protocol: endpoint.protocol,
          reqTimeout: timeoutMs / 1000,
          // An agent of our own also keeps the SDK from reading http_proxy by itself, which knows no NO_PROXY.
          ...(proxy === undefined ? { agent: agentFor(endpoint) } : { proxy }),
        },
      },
    });
    const deadline = AbortSignal.timeout(timeoutMs);
    const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    try {
      const answer: unknown = await client.request(action, params, {
        signal: either,
        skipSign: credential === 'unsigned',
      });
      // Every answer of the API has one; what has none (an event stream, say) is something else.
      if (isRecord(answer) && typeof answer['RequestId'] === 'string') return answer;
    } catch (error) {
      signal?.throwIfAborted();
      throw new WireError(readFailure(error, deadline.aborted), error);
    }
    throw new WireError({ kind: 'not-the-api', reason: 'the answer has no RequestId' }, undefined);
  };
}

interface Loaded {
  CommonClient: typeof import('tencentcloud-sdk-nodejs/tencentcloud/common/common_client.js')['CommonClient'];
  agentFor(endpoint: Endpoint): Agent;
}

async function load(): Promise<Loaded> {
  const [sdk, http, https] = await Promise.all([
    import('tencentcloud-sdk-nodejs/tencentcloud/common/common_client.js'),
    import('node:http'),
    import('node:https'),
  ]);
  const secure = new https.Agent({ keepAlive: true });
  const plain = new http.Agent({ keepAlive: true });
  // A CommonJS module: a bundle has its names on the default export alone, a loader that transpiles may have no default.
  const { CommonClient } = 'CommonClient' in sdk ? sdk : (sdk as { default: Pick<Loaded, 'CommonClient'> }).default;
  return { CommonClient, agentFor: ({ protocol }) => (protocol === 'https://' ? secure : plain) };
}
