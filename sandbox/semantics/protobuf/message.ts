/** How messages are described, and the parts that most objects have (Kubernetes: generated.proto of meta/v1). */
export type FieldType =
  | 'text'
  | 'bytes'
  | 'number'
  | 'flag'
  | 'time'
  | 'intOrString'
  | 'textMap'
  | 'bytesMap'
  | 'ignored'
  | Message;

export interface FieldRule {
  readonly name: string;
  readonly type: FieldType;
  readonly repeated?: boolean;
  /** A pointer in Go: what is there counts, even when it is zero or empty. Others are written always, and zero means unset. */
  readonly optional?: boolean;
}

export interface Message {
  readonly [number: number]: FieldRule;
}

/** A field that is always sent; zero and empty mean that it is not set. */
export const one = (name: string, type: FieldType): FieldRule => ({ name, type });
/** A field that is sent only when it is set. */
export const maybe = (name: string, type: FieldType): FieldRule => ({ name, type, optional: true });
/** A field that may come any number of times. */
export const many = (name: string, type: FieldType): FieldRule => ({ name, type, repeated: true });
/** Never read: the server sets it itself. */
export const STATUS = one('status', 'ignored');

const OWNER_REFERENCE: Message = {
  1: one('kind', 'text'),
  3: one('name', 'text'),
  4: one('uid', 'text'),
  5: one('apiVersion', 'text'),
  6: maybe('controller', 'flag'),
  7: maybe('blockOwnerDeletion', 'flag'),
};

const OBJECT_META: Message = {
  1: one('name', 'text'),
  2: one('generateName', 'text'),
  3: one('namespace', 'text'),
  4: one('selfLink', 'text'),
  5: one('uid', 'text'),
  6: one('resourceVersion', 'text'),
  7: one('generation', 'number'),
  8: one('creationTimestamp', 'time'),
  9: one('deletionTimestamp', 'time'),
  10: maybe('deletionGracePeriodSeconds', 'number'),
  11: many('labels', 'textMap'),
  12: many('annotations', 'textMap'),
  13: many('ownerReferences', OWNER_REFERENCE),
  14: many('finalizers', 'text'),
  17: many('managedFields', 'ignored'),
};
export const METADATA = one('metadata', OBJECT_META);

export const LABEL_SELECTOR: Message = {
  1: many('matchLabels', 'textMap'),
  2: many('matchExpressions', {
    1: one('key', 'text'),
    2: one('operator', 'text'),
    3: many('values', 'text'),
  }),
};
