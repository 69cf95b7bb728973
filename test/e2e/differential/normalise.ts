/** Takes out of an answer what may differ between two servers that behave the same: identities, versions, times, addresses. */

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;
const MICRO_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/g;
const ADDRESS = /\b(?:10|127)(?:\.\d{1,3}){3}\b/g;
/** Version in "too old resource version: 1 (203)", and the like. */
const VERSIONS_IN_WORDS = /(resource version: )\d+ \(\d+\)/g;

/** Names the same thing the same way throughout one case, in the order of first sight. */
class Names {
  readonly #known = new Map<string, string>();
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  of(value: string): string {
    const known = this.#known.get(value) ?? `${this.#prefix}-${this.#known.size + 1}`;
    this.#known.set(value, known);
    return known;
  }
}

/** When the controllers come to write a status is a race on either server. */
const isRacing = (entry: unknown): boolean =>
  typeof entry === 'object' && entry !== null && 'subresource' in entry && entry.subresource === 'status';

const distinct = (values: readonly unknown[]): unknown[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];

/** Answers a function to use on every value of one case; key order does not matter and is not kept. */
export function normaliser(): (value: unknown) => unknown {
  const uids = new Names('uid');
  const hashes = new Names('hash');
  const revision = (text: string) => text.replace(/[0-9a-z]+$/, (hash) => hashes.of(hash));

  const ofText = (key: string, text: string): string => {
    if (key === 'resourceVersion') return text === '' ? '' : 'VERSION';
    if (key === 'cells' && /^\d+s$/.test(text)) return 'AGE';
    if (key === 'continue') return text === '' ? '' : 'TOKEN';
    if (key === 'controller-revision-hash') return text === '' ? '' : revision(text);
    if (key === 'currentRevision' || key === 'updateRevision') return text === '' ? '' : revision(text);
    return text
      .replace(UUID, (uid) => uids.of(uid))
      .replace(MICRO_TIME, 'MICROTIME')
      .replace(TIME, 'TIME')
      .replace(VERSIONS_IN_WORDS, '$1N (N)')
      .replace(/(ResourceVersion in record \()\d+/, '$1N')
      .replace(ADDRESS, 'ADDRESS');
  };
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return ofText(key, value);
    if (typeof value === 'number' && (key === 'nodePort' || key === 'remainingItemCount')) return 'NUMBER';
    if (key === 'managedFields' && Array.isArray(value))
      return value.filter((entry) => !isRacing(entry)).map((entry) => walk(entry, key));
    // A real server says some causes twice.
    if (key === 'causes' && Array.isArray(value)) return distinct(value.map((each) => walk(each, key)));
    if (Array.isArray(value)) return value.map((each) => walk(each, key));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      entries.map(([name, each]) => [name.replace(UUID, (uid) => uids.of(uid)), walk(each, name)]),
    );
  };
  return (value) => walk(value, '');
}
