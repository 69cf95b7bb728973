/** The cloud endpoint with the SDK's own clients in front of it. */
import type { TestContext } from 'node:test';
import { Client as ClbClient } from 'tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_client.js';
import { Client as MonitorClient } from 'tencentcloud-sdk-nodejs/tencentcloud/services/monitor/v20180724/monitor_client.js';
import { Client as StsClient } from 'tencentcloud-sdk-nodejs/tencentcloud/services/sts/v20180813/sts_client.js';
import { type CloudApi, type CloudApiOptions, startCloudApi } from '../../../sandbox/clb/api/start-cloud-api.ts';
import type { Clb } from '../../../sandbox/clb/balancers/balancers.ts';

export interface Sdk {
  clb: ClbClient;
  monitor: MonitorClient;
  sts: StsClient;
}

interface SdkOptions {
  region?: string;
  credential?: { secretId?: string; secretKey?: string; token?: string };
  timeoutSeconds?: number;
}

export function sdkFor(cloud: CloudApi, options: SdkOptions = {}): Sdk {
  const config = {
    credential: { ...cloud.credentials, ...options.credential },
    region: options.region ?? 'ap-guangzhou',
    profile: {
      httpProfile: {
        endpoint: new URL(cloud.url).host,
        protocol: 'http://' as const,
        reqTimeout: options.timeoutSeconds ?? 10,
      },
    },
  };
  return { clb: new ClbClient(config), monitor: new MonitorClient(config), sts: new StsClient(config) };
}

export async function startTestCloud(t: TestContext, clb: Clb, options: CloudApiOptions = {}): Promise<CloudApi> {
  const cloud = await startCloudApi(clb, { rateLimitPerSecond: 1000, ...options });
  t.after(() => cloud.stop());
  return cloud;
}

/** The error code that a call fails with; fails the test when it succeeds. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
  }
  throw new Error('the call succeeded');
}
