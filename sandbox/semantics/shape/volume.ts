/** Volumes and claims. Sources of storage that nothing here can mount are not looked into. In the notation of parse-shapes.ts (Kubernetes API 1.33). */
export const VOLUME_SHAPES = `
Volume
  text name
  any awsElasticBlockStore azureDisk azureFile cephfs cinder fc flexVolume flocker gcePersistentDisk
  any gitRepo glusterfs iscsi photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos
  any vsphereVolume
  ConfigMapVolumeSource configMap
  CSIVolumeSource csi
  DownwardAPIVolumeSource downwardAPI
  EmptyDirVolumeSource emptyDir
  EphemeralVolumeSource ephemeral
  HostPathVolumeSource hostPath
  ImageVolumeSource image
  NFSVolumeSource nfs
  PersistentVolumeClaimVolumeSource persistentVolumeClaim
  ProjectedVolumeSource projected
  SecretVolumeSource secret
ConfigMapVolumeSource
  text name
  number defaultMode
  flag optional
  [KeyToPath] items
KeyToPath
  text key path
  number mode
CSIVolumeSource
  text driver fsType
  flag readOnly
  LocalObjectReference nodePublishSecretRef
  {text} volumeAttributes
LocalObjectReference
  text name
DownwardAPIVolumeSource
  number defaultMode
  [DownwardAPIVolumeFile] items
DownwardAPIVolumeFile
  text path
  number mode
  ObjectFieldSelector fieldRef
  ResourceFieldSelector resourceFieldRef
EmptyDirVolumeSource
  text medium
  quantity sizeLimit
EphemeralVolumeSource
  PersistentVolumeClaimTemplate volumeClaimTemplate
PersistentVolumeClaimTemplate
  ObjectMeta metadata
  PersistentVolumeClaimSpec spec
PersistentVolumeClaimSpec
  text storageClassName volumeAttributesClassName volumeMode volumeName
  [text] accessModes
  TypedLocalObjectReference dataSource
  TypedObjectReference dataSourceRef
  VolumeResourceRequirements resources
  LabelSelector selector
TypedLocalObjectReference
  text apiGroup kind name
TypedObjectReference
  text apiGroup kind name namespace
VolumeResourceRequirements
  {quantity} limits requests
HostPathVolumeSource
  text path type
ImageVolumeSource
  text pullPolicy reference
NFSVolumeSource
  text path server
  flag readOnly
PersistentVolumeClaimVolumeSource
  text claimName
  flag readOnly
ProjectedVolumeSource
  number defaultMode
  [VolumeProjection] sources
VolumeProjection
  ClusterTrustBundleProjection clusterTrustBundle
  ConfigMapProjection configMap
  DownwardAPIProjection downwardAPI
  SecretProjection secret
  ServiceAccountTokenProjection serviceAccountToken
ClusterTrustBundleProjection
  text name path signerName
  flag optional
  LabelSelector labelSelector
ConfigMapProjection
  text name
  flag optional
  [KeyToPath] items
DownwardAPIProjection
  [DownwardAPIVolumeFile] items
SecretProjection
  text name
  flag optional
  [KeyToPath] items
ServiceAccountTokenProjection
  text audience path
  number expirationSeconds
SecretVolumeSource
  text secretName
  number defaultMode
  flag optional
  [KeyToPath] items
PersistentVolumeClaim
  text apiVersion kind
  ObjectMeta metadata
  PersistentVolumeClaimSpec spec
  PersistentVolumeClaimStatus status
PersistentVolumeClaimStatus
  text currentVolumeAttributesClassName phase
  [text] accessModes
  {text} allocatedResourceStatuses
  {quantity} allocatedResources capacity
  [PersistentVolumeClaimCondition] conditions
  ModifyVolumeStatus modifyVolumeStatus
PersistentVolumeClaimCondition
  text lastProbeTime lastTransitionTime message reason status type
ModifyVolumeStatus
  text status targetVolumeAttributesClassName
`;
