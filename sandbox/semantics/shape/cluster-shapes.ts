/** Nodes, namespaces, events, leases, configuration and roles. In the notation of parse-shapes.ts (Kubernetes API 1.33). */
export const CLUSTER_SHAPES = `
Node
  NodeSpec spec
  NodeStatus status
NodeSpec
  text externalID podCIDR providerID
  flag unschedulable
  NodeConfigSource configSource
  [text] podCIDRs
  [Taint] taints
NodeConfigSource
  ConfigMapNodeConfigSource configMap
ConfigMapNodeConfigSource
  text kubeletConfigKey name namespace resourceVersion uid
Taint
  text effect key timeAdded value
NodeStatus
  text phase
  [NodeAddress] addresses
  {quantity} allocatable capacity
  [NodeCondition] conditions
  NodeConfigStatus config
  NodeDaemonEndpoints daemonEndpoints
  NodeFeatures features
  [ContainerImage] images
  NodeSystemInfo nodeInfo
  [NodeRuntimeHandler] runtimeHandlers
  [AttachedVolume] volumesAttached
  [text] volumesInUse
NodeAddress
  text address type
NodeCondition
  text lastHeartbeatTime lastTransitionTime message reason status type
NodeConfigStatus
  text error
  NodeConfigSource active assigned lastKnownGood
NodeDaemonEndpoints
  DaemonEndpoint kubeletEndpoint
DaemonEndpoint
  number Port
NodeFeatures
  flag supplementalGroupsPolicy
ContainerImage
  number sizeBytes
  [text] names
NodeSystemInfo
  text architecture bootID containerRuntimeVersion kernelVersion kubeProxyVersion kubeletVersion
  text machineID operatingSystem osImage systemUUID
  NodeSwapStatus swap
NodeSwapStatus
  number capacity
NodeRuntimeHandler
  text name
  NodeRuntimeHandlerFeatures features
NodeRuntimeHandlerFeatures
  flag recursiveReadOnlyMounts userNamespaces
AttachedVolume
  text devicePath name
Namespace
  NamespaceSpec spec
  NamespaceStatus status
NamespaceSpec
  [text] finalizers
NamespaceStatus
  text phase
  [NamespaceCondition] conditions
NamespaceCondition
  text lastTransitionTime message reason status type
Event
  text action eventTime firstTimestamp lastTimestamp message reason reportingComponent
  text reportingInstance type
  number count
  ObjectReference involvedObject related
  EventSeries series
  EventSource source
EventSeries
  text lastObservedTime
  number count
EventSource
  text component host
Lease
  LeaseSpec spec
LeaseSpec
  text acquireTime holderIdentity preferredHolder renewTime strategy
  number leaseDurationSeconds leaseTransitions
ConfigMap
  flag immutable
  {text} binaryData data
Secret
  text type
  flag immutable
  {text} data stringData
ServiceAccount
  flag automountServiceAccountToken
  [LocalObjectReference] imagePullSecrets
  [ObjectReference] secrets
Role
  [PolicyRule] rules
PolicyRule
  [text] apiGroups nonResourceURLs resourceNames resources verbs
RoleBinding
  RoleRef roleRef
  [Subject] subjects
RoleRef
  text apiGroup kind name
Subject
  text apiGroup kind name namespace
ClusterRole
  AggregationRule aggregationRule
  [PolicyRule] rules
AggregationRule
  [LabelSelector] clusterRoleSelectors
ClusterRoleBinding
  RoleRef roleRef
  [Subject] subjects
`;
