/** The cloud's API as this program uses it: a few read-only actions of three services. */
import type { AnswerObject } from './calls/cloud-answer.ts';
import type {
  AssumeRoleRequest,
  AssumeRoleWithWebIdentityRequest,
  DescribeBaseMetricsRequest,
  DescribeLBListenersRequest,
  DescribeListenersRequest,
  DescribeLoadBalancersRequest,
  DescribeTargetHealthRequest,
  DescribeTargetsRequest,
  GetMonitorDataRequest,
} from './cloud-requests.ts';

/** Parameters per service and action. Only these can be called, so deploy/cam-policy.json can be compared with them. */
export interface CloudActions {
  clb: {
    DescribeLoadBalancers: DescribeLoadBalancersRequest;
    DescribeListeners: DescribeListenersRequest;
    DescribeTargets: DescribeTargetsRequest;
    DescribeTargetHealth: DescribeTargetHealthRequest;
    DescribeLBListeners: DescribeLBListenersRequest;
  };
  monitor: {
    DescribeBaseMetrics: DescribeBaseMetricsRequest;
    GetMonitorData: GetMonitorDataRequest;
  };
  sts: {
    AssumeRole: AssumeRoleRequest;
    AssumeRoleWithWebIdentity: AssumeRoleWithWebIdentityRequest;
  };
}

export type CloudService = keyof CloudActions;
export type CloudAction<S extends CloudService> = keyof CloudActions[S] & string;

/** API versions (CLB 2018-03-17, Cloud Monitor 2018-07-24, STS 2018-08-13). */
export const CLOUD_API_VERSION: Readonly<Record<CloudService, string>> = {
  clb: '2018-03-17',
  monitor: '2018-07-24',
  sts: '2018-08-13',
};

export interface CloudCallOptions {
  region: string;
  signal?: AbortSignal | undefined;
}

/** Regions named before any Service or node was looked at. */
export interface RegionWishes {
  flag?: string;
  environment?: string;
  profile?: string;
}

/** The cloud's API for one account. All calls share one rate limiter, one retry policy and one set of credentials. */
export interface Cloud {
  readonly regions: RegionWishes;
  /** Where the credentials come from and the masked id, for people: `environment (AKID****wxyz)`. Throws when there are none. */
  credentials(signal?: AbortSignal): Promise<string>;
  /**
   * One action, retried as its failures allow. Resolves to the content of `Response`, unchecked.
   * Throws CloudError (the cloud answered no) or ConnectionError (it did not answer), and the signal's reason on abort.
   */
  call<S extends CloudService, A extends CloudAction<S>>(
    service: S,
    action: A,
    params: CloudActions[S][A],
    options: CloudCallOptions,
  ): Promise<AnswerObject>;
}
