import type { Difference } from './compare.ts';

/** A difference that is right for a rehearsal, or is none in meaning. Everything else that differs is a fault of the sandbox. */
export interface Tolerated {
  because: string;
  covers(difference: Difference): boolean;
}

const at = (because: string, path: RegExp): Tolerated => ({
  because,
  covers: (difference) => path.test(difference.path),
});

/** Messages in which a Go program quotes its own types, parsers or the whole object; code and reason are still compared. */
const GO_WORDS =
  /cannot unmarshal|json parse error|unexpected end of JSON|strconv\.Parse|unknown conversion|invalid continue token|415: Unsupported|map\[|Invalid value: "\{\\"|\{"Type":/;

export const TOLERATED: readonly Tolerated[] = [
  at('descriptions of columns are for people, and are our own words', /\.columnDefinitions\.\d+\.description$/),
  at(
    'when the controllers have written a new status is a race on either server',
    /^\.body(\.rows\.\d+\.object)?\.metadata\.managedFields\.\d+\.time$/,
  ),
  {
    because: 'messages of the JSON decoder and of the Go types behind it are not imitated',
    covers: ({ path, real }) => /\.message$/.test(path) && typeof real === 'string' && GO_WORDS.test(real),
  },
];
