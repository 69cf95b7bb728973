/**
 * An object of @kubernetes/client-node's types as JSON carries it: that client turns times into dates, the wire has texts.
 * Fields that the types lack are kept everywhere, so nothing here is exhaustive.
 */
export type OnWire<T> = T extends Date
  ? string
  : T extends readonly (infer Element)[]
    ? OnWire<Element>[]
    : T extends object
      ? { [Field in keyof T]: OnWire<T[Field]> }
      : T;
