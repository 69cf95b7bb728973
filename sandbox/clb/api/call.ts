import { CloudFault } from '../balancers/fault.ts';

/** One authenticated request, as an action sees it. */
export interface ApiCall {
  action: string;
  /** X-TC-Region; '' when the client sent none. */
  region: string;
  params: Params;
  nowMs: number;
  secretId: string;
}

/** The answer of an action: the fields of `Response`. `RequestId` is set by asynchronous actions only (it is then the task's id). */
export type ApiAnswer = Record<string, unknown>;

/** One action: the parameters it knows and what it does. */
export interface ApiAction {
  parameters: readonly string[];
  required?: readonly string[];
  /** Whether X-TC-Region must be given. */
  regional: boolean;
  run(call: ApiCall): ApiAnswer;
}

/** Reads the JSON parameters of a request; a wrong type is InvalidParameter, as in the cloud. */
export class Params {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  get names(): string[] {
    return Object.keys(this.#values);
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null;
  }

  text(name: string): string | undefined {
    const value = this.#read(name, 'a string', (given) => typeof given === 'string' && given);
    return value === '' ? undefined : value;
  }

  integer(name: string): number | undefined {
    return this.#read(name, 'an integer', (value) => Number.isInteger(value) && Number(value));
  }

  texts(name: string): readonly string[] | undefined {
    return this.#read(
      name,
      'a list of strings',
      (value) => Array.isArray(value) && value.every((item) => typeof item === 'string') && value,
    );
  }

  objects(name: string): readonly Params[] | undefined {
    return this.#read(
      name,
      'a list of objects',
      (value) => Array.isArray(value) && value.every(isRecord) && value.map((item) => new Params(item)),
    );
  }

  /** Throws MissingParameter or UnknownParameter (common error codes of the API). */
  check(action: ApiAction): void {
    for (const name of this.names) {
      if (action.parameters.includes(name)) continue;
      throw new CloudFault('UnknownParameter', `The parameter \`${name}\` is not recognized.`);
    }
    for (const name of action.required ?? []) {
      if (this.has(name)) continue;
      throw new CloudFault('MissingParameter', `The request is missing a required parameter \`${name}\`.`);
    }
  }

  toJSON(): unknown {
    return this.#values;
  }

  #read<T>(name: string, kind: string, read: (value: unknown) => T | false): T | undefined {
    const value = this.#values[name];
    if (value === undefined || value === null) return undefined;
    const parsed = read(value);
    if (parsed === false) throw new CloudFault('InvalidParameter', `The parameter \`${name}\` is not ${kind}.`);
    return parsed;
  }
}

/** A JSON object, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws InvalidParameterValue.Length when a list is longer than the API takes in one call. */
export function limitLength(name: string, list: readonly unknown[] | undefined, most: number): void {
  if (list !== undefined && list.length > most) {
    throw new CloudFault(
      'InvalidParameterValue.Length',
      `\`${name}\` has ${list.length} entries, at most ${most} are allowed.`,
    );
  }
}
