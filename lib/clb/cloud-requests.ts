/** Parameters of the actions that this program calls, with the names of the cloud's documents (only the fields that it sends). */

/** A name and a value, as Cloud Monitor takes its dimensions. */
interface Dimension {
  Name: string;
  Value: string;
}

export interface DescribeLoadBalancersRequest {
  LoadBalancerIds?: string[];
  Limit?: number;
  Offset?: number;
}

export interface DescribeListenersRequest {
  LoadBalancerId: string;
}

export interface DescribeTargetsRequest {
  LoadBalancerId: string;
  ListenerIds?: string[];
}

export interface DescribeTargetHealthRequest {
  LoadBalancerIds: string[];
}

export interface DescribeLBListenersRequest {
  Backends: { VpcId: string; PrivateIp: string }[];
}

export interface DescribeBaseMetricsRequest {
  Namespace: string;
  MetricName?: string;
}

export interface GetMonitorDataRequest {
  Namespace: string;
  MetricName: string;
  Instances: { Dimensions: Dimension[] }[];
  /** Seconds. */
  Period?: number;
  /** RFC 3339, without fractions of a second. */
  StartTime?: string;
  EndTime?: string;
}

export interface AssumeRoleRequest {
  RoleArn: string;
  RoleSessionName: string;
}

export interface AssumeRoleWithWebIdentityRequest {
  ProviderId: string;
  WebIdentityToken: string;
  RoleArn: string;
  RoleSessionName: string;
}
