/** The cloud endpoint with the SDK's own clients in front of it. */
import type { TestContext } from 'node:test';
import { CommonClient } from 'tencentcloud-sdk-nodejs-common/tencentcloud/common/common_client.js';
import { type CloudApi, type CloudApiOptions, startCloudApi } from '../../../sandbox/clb/api/start-cloud-api.ts';
import type { Clb } from '../../../sandbox/clb/balancers/balancers.ts';

// biome-ignore lint/suspicious/noExplicitAny: an answer of the cloud, read field by field in the tests
type CloudAnswer = any;

type Action =
  | 'AssumeRole'
  | 'AssumeRoleWithWebIdentity'
  | 'DescribeBaseMetrics'
  | 'DescribeLBListeners'
  | 'DescribeListeners'
  | 'DescribeLoadBalancers'
  | 'DescribeQuota'
  | 'DescribeTargetHealth'
  | 'DescribeTargets'
  | 'GetCallerIdentity'
  | 'DescribeTaskStatus'
  | 'GetMonitorData'
  | 'ModifyTargetWeight';

/** One method per action, as the SDK's generated clients have them, and `request` for any other. */
export type ActionClient = Readonly<Record<Action, (params?: object | null) => Promise<CloudAnswer>>> & {
  request(action: string, params: object): Promise<CloudAnswer>;
};

export interface Sdk {
  clb: ActionClient;
  monitor: ActionClient;
  sts: ActionClient;
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
  const client = (version: string): ActionClient => {
    const sdk = new CommonClient(config.profile.httpProfile.endpoint, version, config);
    const request = (action: string, params?: object | null) => sdk.request(action, params ?? {});
    return new Proxy({} as ActionClient, {
      get: (_, name: string) => (name === 'request' ? request : (params?: object | null) => request(name, params)),
    });
  };
  return { clb: client('2018-03-17'), monitor: client('2018-07-24'), sts: client('2018-08-13') };
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
