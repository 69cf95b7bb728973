/** Containers and what is in them. In the notation of parse-shapes.ts (Kubernetes API 1.33). */
export const CONTAINER_SHAPES = `
Container
  text image imagePullPolicy name restartPolicy terminationMessagePath terminationMessagePolicy
  text workingDir
  flag stdin stdinOnce tty
  [text] args command
  [EnvVar] env
  [EnvFromSource] envFrom
  Lifecycle lifecycle
  Probe livenessProbe readinessProbe startupProbe
  [ContainerPort] ports
  [ContainerResizePolicy] resizePolicy
  ResourceRequirements resources
  SecurityContext securityContext
  [VolumeDevice] volumeDevices
  [VolumeMount] volumeMounts
EnvVar
  text name value
  EnvVarSource valueFrom
EnvVarSource
  ConfigMapKeySelector configMapKeyRef
  ObjectFieldSelector fieldRef
  ResourceFieldSelector resourceFieldRef
  SecretKeySelector secretKeyRef
ConfigMapKeySelector
  text key name
  flag optional
ObjectFieldSelector
  text apiVersion fieldPath
ResourceFieldSelector
  text containerName resource
  quantity divisor
SecretKeySelector
  text key name
  flag optional
EnvFromSource
  text prefix
  ConfigMapEnvSource configMapRef
  SecretEnvSource secretRef
ConfigMapEnvSource
  text name
  flag optional
SecretEnvSource
  text name
  flag optional
Lifecycle
  text stopSignal
  LifecycleHandler postStart preStop
LifecycleHandler
  ExecAction exec
  HTTPGetAction httpGet
  SleepAction sleep
  TCPSocketAction tcpSocket
ExecAction
  [text] command
HTTPGetAction
  text host path scheme
  quantity port
  [HTTPHeader] httpHeaders
HTTPHeader
  text name value
SleepAction
  number seconds
TCPSocketAction
  text host
  quantity port
Probe
  number failureThreshold initialDelaySeconds periodSeconds successThreshold
  number terminationGracePeriodSeconds timeoutSeconds
  ExecAction exec
  GRPCAction grpc
  HTTPGetAction httpGet
  TCPSocketAction tcpSocket
GRPCAction
  text service
  number port
ContainerPort
  text hostIP name protocol
  number containerPort hostPort
ContainerResizePolicy
  text resourceName restartPolicy
ResourceRequirements
  [ResourceClaim] claims
  {quantity} limits requests
ResourceClaim
  text name request
SecurityContext
  text procMount
  number runAsGroup runAsUser
  flag allowPrivilegeEscalation privileged readOnlyRootFilesystem runAsNonRoot
  AppArmorProfile appArmorProfile
  Capabilities capabilities
  SELinuxOptions seLinuxOptions
  SeccompProfile seccompProfile
  WindowsSecurityContextOptions windowsOptions
AppArmorProfile
  text localhostProfile type
Capabilities
  [text] add drop
SELinuxOptions
  text level role type user
SeccompProfile
  text localhostProfile type
WindowsSecurityContextOptions
  text gmsaCredentialSpec gmsaCredentialSpecName runAsUserName
  flag hostProcess
VolumeDevice
  text devicePath name
VolumeMount
  text mountPath mountPropagation name recursiveReadOnly subPath subPathExpr
  flag readOnly
EphemeralContainer
  text image imagePullPolicy name restartPolicy targetContainerName terminationMessagePath
  text terminationMessagePolicy workingDir
  flag stdin stdinOnce tty
  [text] args command
  [EnvVar] env
  [EnvFromSource] envFrom
  Lifecycle lifecycle
  Probe livenessProbe readinessProbe startupProbe
  [ContainerPort] ports
  [ContainerResizePolicy] resizePolicy
  ResourceRequirements resources
  SecurityContext securityContext
  [VolumeDevice] volumeDevices
  [VolumeMount] volumeMounts
`;
