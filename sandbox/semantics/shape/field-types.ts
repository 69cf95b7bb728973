/** The types of API fields, out of the generated models of @kubernetes/client-node (their OpenAPI spec: release-1.36). */
import * as models from './models.ts';

/** The content of a field: one value, a list of them, or a map with free keys. */
export interface FieldShape {
  readonly container: 'one' | 'list' | 'map';
  /** `text`, `flag`, `quantity` (a number or a text), `int32`, `int64`, `any`, or the name of a model. */
  readonly type: string;
}

/** The fields of one type. */
export type Shape = ReadonlyMap<string, FieldShape>;

interface Attribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

/** Quantities, which the models take for texts: the API takes `cpu: 1` as well as `cpu: "1"` (Kubernetes: resource.Quantity). */
const QUANTITIES: ReadonlySet<string> = new Set([
  'V1ContainerStatus.allocatedResources',
  'V1EmptyDirVolumeSource.sizeLimit',
  'V1NodeStatus.allocatable',
  'V1NodeStatus.capacity',
  'V1PersistentVolumeClaimStatus.allocatedResources',
  'V1PersistentVolumeClaimStatus.capacity',
  'V1PodSpec.overhead',
  'V1PodStatus.allocatedResources',
  'V1ResourceFieldSelector.divisor',
  'V1ResourceRequirements.limits',
  'V1ResourceRequirements.requests',
  'V1VolumeResourceRequirements.limits',
  'V1VolumeResourceRequirements.requests',
  'V2HPAScalingRules.tolerance',
  'V2MetricTarget.averageValue',
  'V2MetricTarget.value',
  'V2MetricValueStatus.averageValue',
  'V2MetricValueStatus.value',
]);

const SCALARS: Readonly<Record<string, string>> = {
  string: 'text',
  Date: 'text',
  V1MicroTime: 'text',
  boolean: 'flag',
  IntOrString: 'quantity',
};

const parsed = new Map<string, Shape>();

/** The fields of a model; undefined for a scalar, and for a model that this sandbox does not look into. */
export function shapeOf(model: string): Shape | undefined {
  const known = parsed.get(model);
  if (known !== undefined) return known;
  const found = (models as unknown as Record<string, { getAttributeTypeMap(): readonly Attribute[] }>)[model];
  if (found === undefined) return undefined;
  const shape = new Map(found.getAttributeTypeMap().map((each) => [each.baseName, fieldShape(model, each)]));
  parsed.set(model, shape);
  return shape;
}

/** The model of a kind that is served: `V1Pod` of `Pod`; undefined for other kinds. */
export const modelOfKind = (kind: string): string | undefined => BY_KIND.get(kind);

/** A model's name without the group and version that the generator puts before it: `Pod` of `V1Pod`, `Event` of `CoreV1Event`. */
export const plainName = (model: string): string => model.replace(/^[A-Z][a-z]*V\d|^V\d/, '');

const BY_KIND = new Map(
  Object.keys(models)
    .filter((model) => ['apiVersion', 'kind', 'metadata'].every((field) => shapeOf(model)?.has(field)))
    .map((model) => [plainName(model), model]),
);

function fieldShape(model: string, { baseName, type, format }: Attribute): FieldShape {
  const [, element] = /^Array<(.+)>$/.exec(type) ?? [];
  const [, value] = /^\{ \[key: string\]: (.+); \}$/.exec(type) ?? [];
  const container = element !== undefined ? 'list' : value !== undefined ? 'map' : 'one';
  if (QUANTITIES.has(`${model}.${baseName}`)) return { container, type: 'quantity' };
  return { container, type: typeOf(element ?? value ?? type, format) };
}

function typeOf(type: string, format: string): string {
  if (type === 'number') return format === 'int64' ? 'int64' : 'int32';
  if (type in models) return type;
  // Sources of storage that nothing here can mount are not among the models, and are not looked into.
  return SCALARS[type] ?? 'any';
}
