/** What runs pods, and what limits their disruption. In the notation of parse-shapes.ts (Kubernetes API 1.33). */
export const WORKLOAD_SHAPES = `
StatefulSet
  StatefulSetSpec spec
  StatefulSetStatus status
StatefulSetSpec
  text podManagementPolicy serviceName
  number minReadySeconds replicas revisionHistoryLimit
  StatefulSetOrdinals ordinals
  StatefulSetPersistentVolumeClaimRetentionPolicy persistentVolumeClaimRetentionPolicy
  LabelSelector selector
  PodTemplateSpec template
  StatefulSetUpdateStrategy updateStrategy
  [PersistentVolumeClaim] volumeClaimTemplates
StatefulSetOrdinals
  number start
StatefulSetPersistentVolumeClaimRetentionPolicy
  text whenDeleted whenScaled
PodTemplateSpec
  ObjectMeta metadata
  PodSpec spec
StatefulSetUpdateStrategy
  text type
  RollingUpdateStatefulSetStrategy rollingUpdate
RollingUpdateStatefulSetStrategy
  number partition
  quantity maxUnavailable
StatefulSetStatus
  text currentRevision updateRevision
  number availableReplicas collisionCount currentReplicas observedGeneration readyReplicas replicas
  number updatedReplicas
  [StatefulSetCondition] conditions
StatefulSetCondition
  text lastTransitionTime message reason status type
Deployment
  DeploymentSpec spec
  DeploymentStatus status
DeploymentSpec
  number minReadySeconds progressDeadlineSeconds replicas revisionHistoryLimit
  flag paused
  LabelSelector selector
  DeploymentStrategy strategy
  PodTemplateSpec template
DeploymentStrategy
  text type
  RollingUpdateDeployment rollingUpdate
RollingUpdateDeployment
  quantity maxSurge maxUnavailable
DeploymentStatus
  number availableReplicas collisionCount observedGeneration readyReplicas replicas terminatingReplicas
  number unavailableReplicas updatedReplicas
  [DeploymentCondition] conditions
DeploymentCondition
  text lastTransitionTime lastUpdateTime message reason status type
ReplicaSet
  ReplicaSetSpec spec
  ReplicaSetStatus status
ReplicaSetSpec
  number minReadySeconds replicas
  LabelSelector selector
  PodTemplateSpec template
ReplicaSetStatus
  number availableReplicas fullyLabeledReplicas observedGeneration readyReplicas replicas
  number terminatingReplicas
  [ReplicaSetCondition] conditions
ReplicaSetCondition
  text lastTransitionTime message reason status type
ControllerRevision
  number revision
  any data
PodDisruptionBudget
  PodDisruptionBudgetSpec spec
  PodDisruptionBudgetStatus status
PodDisruptionBudgetSpec
  text unhealthyPodEvictionPolicy
  quantity maxUnavailable minAvailable
  LabelSelector selector
PodDisruptionBudgetStatus
  number currentHealthy desiredHealthy disruptionsAllowed expectedPods observedGeneration
  [Condition] conditions
  {text} disruptedPods
HorizontalPodAutoscaler
  HorizontalPodAutoscalerSpec spec
  HorizontalPodAutoscalerStatus status
HorizontalPodAutoscalerSpec
  number maxReplicas minReplicas
  HorizontalPodAutoscalerBehavior behavior
  [MetricSpec] metrics
  CrossVersionObjectReference scaleTargetRef
HorizontalPodAutoscalerBehavior
  HPAScalingRules scaleDown scaleUp
HPAScalingRules
  text selectPolicy
  number stabilizationWindowSeconds
  quantity tolerance
  [HPAScalingPolicy] policies
HPAScalingPolicy
  text type
  number periodSeconds value
MetricSpec
  text type
  ContainerResourceMetricSource containerResource
  ExternalMetricSource external
  ObjectMetricSource object
  PodsMetricSource pods
  ResourceMetricSource resource
ContainerResourceMetricSource
  text container name
  MetricTarget target
MetricTarget
  text type
  number averageUtilization
  quantity averageValue value
ExternalMetricSource
  MetricIdentifier metric
  MetricTarget target
MetricIdentifier
  text name
  LabelSelector selector
ObjectMetricSource
  CrossVersionObjectReference describedObject
  MetricIdentifier metric
  MetricTarget target
CrossVersionObjectReference
  text apiVersion kind name
PodsMetricSource
  MetricIdentifier metric
  MetricTarget target
ResourceMetricSource
  text name
  MetricTarget target
HorizontalPodAutoscalerStatus
  text lastScaleTime
  number currentReplicas desiredReplicas observedGeneration
  [HorizontalPodAutoscalerCondition] conditions
  [MetricStatus] currentMetrics
HorizontalPodAutoscalerCondition
  text lastTransitionTime message reason status type
MetricStatus
  text type
  ContainerResourceMetricStatus containerResource
  ExternalMetricStatus external
  ObjectMetricStatus object
  PodsMetricStatus pods
  ResourceMetricStatus resource
ContainerResourceMetricStatus
  text container name
  MetricValueStatus current
MetricValueStatus
  number averageUtilization
  quantity averageValue value
ExternalMetricStatus
  MetricValueStatus current
  MetricIdentifier metric
ObjectMetricStatus
  MetricValueStatus current
  CrossVersionObjectReference describedObject
  MetricIdentifier metric
PodsMetricStatus
  MetricValueStatus current
  MetricIdentifier metric
ResourceMetricStatus
  text name
  MetricValueStatus current
`;
