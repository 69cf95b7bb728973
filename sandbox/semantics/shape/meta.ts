/** What every object has, and the small parts that many kinds share. In the notation of parse-shapes.ts (Kubernetes API 1.33). */
export const META_SHAPES = `
ObjectMeta
  text creationTimestamp deletionTimestamp generateName name namespace resourceVersion selfLink uid
  number deletionGracePeriodSeconds generation
  {text} annotations labels
  [text] finalizers
  [ManagedFieldsEntry] managedFields
  [OwnerReference] ownerReferences
ManagedFieldsEntry
  text apiVersion fieldsType manager operation subresource time
  any fieldsV1
OwnerReference
  text apiVersion kind name uid
  flag blockOwnerDeletion controller
LabelSelector
  [LabelSelectorRequirement] matchExpressions
  {text} matchLabels
LabelSelectorRequirement
  text key operator
  [text] values
Condition
  text lastTransitionTime message reason status type
  number observedGeneration
ObjectReference
  text apiVersion fieldPath kind name namespace resourceVersion uid
`;
