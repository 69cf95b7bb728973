/** Pods, their specs and their statuses. In the notation of parse-shapes.ts (Kubernetes API 1.33). */
export const POD_SHAPES = `
Pod
  PodSpec spec
  PodStatus status
PodSpec
  text dnsPolicy hostname nodeName preemptionPolicy priorityClassName restartPolicy runtimeClassName
  text schedulerName serviceAccount serviceAccountName subdomain
  number activeDeadlineSeconds priority terminationGracePeriodSeconds
  flag automountServiceAccountToken enableServiceLinks hostIPC hostNetwork hostPID hostUsers
  flag setHostnameAsFQDN shareProcessNamespace
  Affinity affinity
  [Container] containers initContainers
  PodDNSConfig dnsConfig
  [EphemeralContainer] ephemeralContainers
  [HostAlias] hostAliases
  [LocalObjectReference] imagePullSecrets
  {text} nodeSelector
  PodOS os
  {quantity} overhead
  [PodReadinessGate] readinessGates
  [PodResourceClaim] resourceClaims
  ResourceRequirements resources
  [PodSchedulingGate] schedulingGates
  PodSecurityContext securityContext
  [Toleration] tolerations
  [TopologySpreadConstraint] topologySpreadConstraints
  [Volume] volumes
Affinity
  NodeAffinity nodeAffinity
  PodAffinity podAffinity
  PodAntiAffinity podAntiAffinity
NodeAffinity
  [PreferredSchedulingTerm] preferredDuringSchedulingIgnoredDuringExecution
  NodeSelector requiredDuringSchedulingIgnoredDuringExecution
PreferredSchedulingTerm
  number weight
  NodeSelectorTerm preference
NodeSelectorTerm
  [NodeSelectorRequirement] matchExpressions matchFields
NodeSelectorRequirement
  text key operator
  [text] values
NodeSelector
  [NodeSelectorTerm] nodeSelectorTerms
PodAffinity
  [WeightedPodAffinityTerm] preferredDuringSchedulingIgnoredDuringExecution
  [PodAffinityTerm] requiredDuringSchedulingIgnoredDuringExecution
WeightedPodAffinityTerm
  number weight
  PodAffinityTerm podAffinityTerm
PodAffinityTerm
  text topologyKey
  LabelSelector labelSelector namespaceSelector
  [text] matchLabelKeys mismatchLabelKeys namespaces
PodAntiAffinity
  [WeightedPodAffinityTerm] preferredDuringSchedulingIgnoredDuringExecution
  [PodAffinityTerm] requiredDuringSchedulingIgnoredDuringExecution
PodDNSConfig
  [text] nameservers searches
  [PodDNSConfigOption] options
PodDNSConfigOption
  text name value
HostAlias
  text ip
  [text] hostnames
PodOS
  text name
PodReadinessGate
  text conditionType
PodResourceClaim
  text name resourceClaimName resourceClaimTemplateName
PodSchedulingGate
  text name
PodSecurityContext
  text fsGroupChangePolicy seLinuxChangePolicy supplementalGroupsPolicy
  number fsGroup runAsGroup runAsUser
  flag runAsNonRoot
  AppArmorProfile appArmorProfile
  SELinuxOptions seLinuxOptions
  SeccompProfile seccompProfile
  [number] supplementalGroups
  [Sysctl] sysctls
  WindowsSecurityContextOptions windowsOptions
Sysctl
  text name value
Toleration
  text effect key operator value
  number tolerationSeconds
TopologySpreadConstraint
  text nodeAffinityPolicy nodeTaintsPolicy topologyKey whenUnsatisfiable
  number maxSkew minDomains
  LabelSelector labelSelector
  [text] matchLabelKeys
PodStatus
  text hostIP message nominatedNodeName phase podIP qosClass reason resize startTime
  number observedGeneration
  [PodCondition] conditions
  [ContainerStatus] containerStatuses ephemeralContainerStatuses initContainerStatuses
  [HostIP] hostIPs
  [PodIP] podIPs
  [PodResourceClaimStatus] resourceClaimStatuses
PodCondition
  text lastProbeTime lastTransitionTime message reason status type
  number observedGeneration
ContainerStatus
  text containerID image imageID name stopSignal
  number restartCount
  flag ready started
  {quantity} allocatedResources
  [ResourceStatus] allocatedResourcesStatus
  ContainerState lastState state
  ResourceRequirements resources
  ContainerUser user
  [VolumeMountStatus] volumeMounts
ResourceStatus
  text name
  [ResourceHealth] resources
ResourceHealth
  text health resourceID
ContainerState
  ContainerStateRunning running
  ContainerStateTerminated terminated
  ContainerStateWaiting waiting
ContainerStateRunning
  text startedAt
ContainerStateTerminated
  text containerID finishedAt message reason startedAt
  number exitCode signal
ContainerStateWaiting
  text message reason
ContainerUser
  LinuxContainerUser linux
LinuxContainerUser
  number gid uid
  [number] supplementalGroups
VolumeMountStatus
  text mountPath name recursiveReadOnly
  flag readOnly
HostIP
  text ip
PodIP
  text ip
PodResourceClaimStatus
  text name resourceClaimName
`;
