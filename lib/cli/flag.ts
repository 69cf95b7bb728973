/** A flag is a value: how it is written, what help says of it, and how its text becomes a value of a domain type. */

import { UsageError } from '../core/errors.ts';
import { parseDuration } from '../core/values/duration.ts';

/** One offer of shell completion. */
export interface Candidate {
  value: string;
  description?: string;
}

/** Names that only the kubeconfig or the cluster knows, for the flags of the line under the cursor. */
export interface Offers {
  contexts(): Promise<readonly Candidate[]>;
  clusters(): Promise<readonly Candidate[]>;
  users(): Promise<readonly Candidate[]>;
  namespaces(): Promise<readonly Candidate[]>;
  statefulSets(): Promise<readonly Candidate[]>;
  deployments(): Promise<readonly Candidate[]>;
  /** Those of type LoadBalancer. */
  services(): Promise<readonly Candidate[]>;
  nodes(): Promise<readonly Candidate[]>;
  /** Ordinals of the StatefulSet that these words of the line name. */
  ordinals(target: readonly string[]): Promise<readonly Candidate[]>;
  /** TCP ports that the containers of that StatefulSet declare, by name where they have one. */
  ports(target: readonly string[]): Promise<readonly Candidate[]>;
}

/**
 * Finds candidates for a word that begins with `prefix`; it may be slow or fail, and then nothing is offered.
 * `words`: those of the command that stand before the cursor and are no flags.
 */
export type Completer = (prefix: string, offers: Offers, words: readonly string[]) => Promise<readonly Candidate[]>;

/** Completes a list divided by commas: what stands before the last comma is kept, and nothing is offered twice. */
export const listCompleter =
  (find: (offers: Offers, words: readonly string[]) => Promise<readonly Candidate[]>): Completer =>
  async (prefix, offers, words) => {
    const kept = prefix.slice(0, prefix.lastIndexOf(',') + 1);
    const taken = new Set(kept.split(','));
    const found = await find(offers, words);
    return found
      .filter(({ value }) => !taken.has(value))
      .map((candidate) => ({ ...candidate, value: `${kept}${candidate.value}` }));
  };

export interface Flag<T> {
  readonly short?: string;
  /** The default as help shows it after `=`, for example `5m` or `''`. */
  readonly shown: string;
  readonly help: string;
  /** The text that the flag stands for when it is written without one; undefined: it needs a value. */
  readonly bare?: string;
  /** The only accepted words, for completion. */
  readonly values?: readonly string[];
  readonly complete?: Completer;
  /** Listed by `options` and not by the help of each command. */
  readonly common?: true;
  /** Turns every text given on the command line, in order, into the value; no texts means the default. Throws UsageError. */
  read(texts: readonly string[], name: string): T;
}

type Description = Omit<Flag<unknown>, 'read'>;

/** A flag that may be given once: a second one is refused, since the intended one is unknown. */
export function scalarFlag<T>(
  description: Description & { absent: T; parse: (text: string, name: string) => T },
): Flag<T> {
  const { absent, parse, ...rest } = description;
  return {
    ...rest,
    read(texts, name) {
      const [text, second] = texts;
      if (second !== undefined)
        throw new UsageError(
          `flag --${name} is given ${texts.length} times; give it once`,
          `for example --${name}=${texts.at(-1)}`,
        );
      if (text === undefined) return absent;
      if (text === '') throw invalidFlag(text, name, 'must not be empty');
      return parse(text, name);
    },
  };
}

/** An error in the words of kubectl's flag library. */
export function invalidFlag(text: string, name: string, why: string, hint?: string): UsageError {
  return new UsageError(`invalid argument ${JSON.stringify(text)} for "--${name}" flag: ${why}`, hint);
}

type Text = Omit<Description, 'shown' | 'bare'>;

export const textFlag = (description: Text): Flag<string | undefined> =>
  scalarFlag<string | undefined>({ shown: "''", ...description, absent: undefined, parse: (text) => text });

/** May be given many times; every text counts. */
export const repeatableFlag = (description: Text): Flag<readonly string[]> => ({
  shown: '[]',
  ...description,
  read(texts, name) {
    if (texts.includes('')) throw invalidFlag('', name, 'must not be empty');
    return texts;
  },
});

/** `a,b`: names divided by commas, none of them empty and none twice. */
export const listFlag = (description: Text): Flag<readonly string[] | undefined> =>
  scalarFlag<readonly string[] | undefined>({
    shown: "''",
    ...description,
    absent: undefined,
    parse(text, name) {
      const items = text.split(',').map((item) => item.trim());
      if (items.includes('')) throw invalidFlag(text, name, 'has an empty part');
      if (new Set(items).size < items.length) throw invalidFlag(text, name, 'names something twice');
      return items;
    },
  });

/** `--force` or `--force=true|false`; Go's other spellings of a boolean are taken too. */
export const switchFlag = (description: Text): Flag<boolean> =>
  scalarFlag<boolean>({
    shown: 'false',
    ...description,
    bare: 'true',
    absent: false,
    parse(text, name) {
      if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
      if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
      throw invalidFlag(text, name, `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
    },
  });

/** A whole number of at least `least`, without sign, exponent or leading zeros. */
export function wholeFlag<T extends number | undefined>(
  description: Description & { least: number; absent: T },
): Flag<number | T> {
  const { least, ...rest } = description;
  return scalarFlag<number | T>({
    ...rest,
    parse(text, name) {
      const value = /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : Number.NaN;
      if (!(value >= least))
        throw invalidFlag(
          text,
          name,
          `must be a whole number, ${least} or more`,
          `for example --${name}=${Math.max(least, 4)}`,
        );
      return value;
    },
  });
}

/** A duration in milliseconds; `absent` is written as on the command line, so that help and behaviour cannot differ. */
export function durationFlag(description: Omit<Text, 'values'> & { absent: string }): Flag<number> {
  const { absent, ...rest } = description;
  return scalarFlag<number>({ ...rest, shown: absent, absent: parseDuration(absent, 'default'), parse: parseDuration });
}

/** One of a few words. `refuse` words the refusal, for flags where kubectl has words of its own. */
export function choiceFlag<const V extends string, const D extends string | undefined>(
  description: Omit<Description, 'values'> & {
    values: readonly V[];
    absent: D;
    refuse?: (text: string) => string;
  },
): Flag<V | D> {
  const { refuse, ...rest } = description;
  return scalarFlag<V | D>({
    ...rest,
    parse(text, name) {
      const value = rest.values.find((word) => word === text);
      if (value !== undefined) return value;
      const accepted = rest.values.join(', ');
      throw refuse === undefined ? invalidFlag(text, name, `must be one of ${accepted}`) : new UsageError(refuse(text));
    },
  });
}
