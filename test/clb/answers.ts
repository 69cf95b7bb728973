/** Answers of the CLB API in the shapes of its documentation's examples; tests change one part of them. */
type Json = Record<string, unknown>;

export const BALANCER = 'lb-a1b2c3d4';
export const VIP = '203.0.113.51';

export const balancer = (change: Json = {}): Json => ({
  LoadBalancerId: BALANCER,
  LoadBalancerName: 'cls-1_default_nginx',
  Forward: 1,
  Domain: '',
  LoadBalancerDomain: '',
  LoadBalancerVips: [VIP],
  AddressIPv6: null,
  AddressIPVersion: 'ipv4',
  LoadBalancerType: 'OPEN',
  Status: 1,
  Isolation: 0,
  VpcId: 'vpc-1',
  NumericalVpcId: 1111113,
  TargetRegionInfo: { Region: 'ap-guangzhou', VpcId: 'vpc-1', NumericalVpcId: 1111113 },
  AttributeFlags: ['SharedLimitFlag'],
  ...change,
});

export const balancers = (...set: Json[]): Json => ({ TotalCount: set.length, LoadBalancerSet: set });

export const HEALTH_CHECK = {
  HealthSwitch: 1,
  TimeOut: 2,
  IntervalTime: 5,
  HealthNum: 3,
  UnHealthNum: 4,
  CheckType: 'TCP',
};

export const tcpListener = (change: Json = {}): Json => ({
  ListenerId: 'lbl-tcp',
  Protocol: 'TCP',
  Port: 80,
  EndPort: 0,
  HealthCheck: HEALTH_CHECK,
  Scheduler: 'WRR',
  SessionExpireTime: 0,
  Rules: null,
  TargetType: 'NODE',
  TargetGroup: null,
  TargetGroupList: null,
  DeregisterTargetRst: false,
  AttrFlags: [],
  IdleConnectTimeout: 900,
  ...change,
});

export const rule = (id: string, change: Json = {}): Json => ({
  LocationId: id,
  Domain: 'www.example.com',
  Url: `/${id}`,
  SessionExpireTime: 0,
  Scheduler: 'WRR',
  HealthCheck: HEALTH_CHECK,
  TargetType: 'NODE',
  ...change,
});

export const httpListener = (rules: Json[] | null, change: Json = {}): Json =>
  tcpListener({
    ListenerId: 'lbl-http',
    Protocol: 'HTTP',
    Port: 8080,
    Scheduler: null,
    SessionExpireTime: null,
    HealthCheck: null,
    IdleConnectTimeout: 0,
    Rules: rules,
    ...change,
  });

export const listeners = (...list: Json[]): Json => ({ TotalCount: list.length, Listeners: list });

export const target = (address: string, change: Json = {}): Json => ({
  Type: 'ENI',
  InstanceId: '',
  Port: 80,
  Weight: 10,
  PublicIpAddresses: null,
  PrivateIpAddresses: [address],
  InstanceName: null,
  RegisteredTime: '2026-01-01 00:00:00',
  EniId: 'eni-1',
  Zone: null,
  ...change,
});

export const tcpTargets = (targets: Json[] | null, change: Json = {}): Json => ({
  ListenerId: 'lbl-tcp',
  Protocol: 'TCP',
  Port: 80,
  Rules: null,
  Targets: targets,
  ...change,
});

export const httpTargets = (rules: Record<string, Json[] | null>): Json => ({
  ListenerId: 'lbl-http',
  Protocol: 'HTTP',
  Port: 8080,
  Targets: null,
  Rules: Object.entries(rules).map(([LocationId, Targets]) => ({
    LocationId,
    Domain: 'www.example.com',
    Url: '/',
    Targets,
    FunctionTargets: null,
  })),
});

export const targetHealth = (IP: string, HealthStatusDetail: string | null, change: Json = {}): Json => ({
  IP,
  Port: 80,
  HealthStatus: true,
  TargetId: 'eni-1',
  HealthStatusDetail,
  ...change,
});

/** Listener id to rule id to targets; a layer-4 listener has one rule with an id of its own. */
export const health = (perListener: Record<string, Record<string, Json[] | null>>): Json => ({
  LoadBalancers: [
    {
      LoadBalancerId: BALANCER,
      Listeners: Object.entries(perListener).map(([ListenerId, rules]) => ({
        ListenerId,
        Rules: Object.entries(rules).map(([LocationId, Targets]) => ({ LocationId, Domain: null, Url: null, Targets })),
      })),
    },
  ],
});
