/**
 * The YAML that kubectl and the clouds write into a kubeconfig: block mappings and lists of plain words. A whole parser for YAML takes
 * milliseconds to be loaded, at every start.
 * Law: a text that this reads, the whole parser reads alike; any other text is left to that one.
 */

interface Line {
  indent: number;
  text: string;
}

/** Where the reader stands; it moves on line by line. */
interface Cursor {
  lines: Line[];
  at: number;
}

/** Thrown, and caught here, for a text that is not plain. */
class NotPlain extends Error {}

const KEY = /^([A-Za-z][\w.-]{0,100}):(?: (.*))?$/;
/** No number, no word with a meaning of its own, and no sign that means something to YAML. */
const PLAIN = /^(?:[A-Za-z/]|--?[A-Za-z])[\w./:=+@%-]*$/;
const QUOTED = /^"([ !#-[\]-~]*)"$/;
const MEANINGFUL = /^(?:null|true|false)$/i;

/** Undefined: it has to be read by a whole parser, which also finds what is wrong with it. */
export function readPlainYaml(text: string): unknown {
  const cursor: Cursor = { lines: linesOf(text), at: 0 };
  if (cursor.lines[0]?.indent !== 0) return undefined;
  try {
    const value = node(cursor, 0);
    return cursor.at === cursor.lines.length ? value : undefined;
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

const linesOf = (text: string): Line[] =>
  text.split('\n').flatMap((line) => {
    const indent = line.search(/[^ ]/);
    return indent < 0 || line[indent] === '#' ? [] : [{ indent, text: line.slice(indent) }];
  });

const here = ({ lines, at }: Cursor): Line | undefined => lines[at];
const isItem = (line: Line | undefined): boolean => line?.text.startsWith('- ') === true;

const node = (cursor: Cursor, indent: number): unknown =>
  isItem(here(cursor)) ? sequence(cursor, indent) : mapping(cursor, indent);

function mapping(cursor: Cursor, indent: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (let line = here(cursor); line?.indent === indent && !isItem(line); line = here(cursor)) {
    const [, key, value = ''] = KEY.exec(line.text) ?? [];
    if (key === undefined || Object.hasOwn(result, key)) throw new NotPlain();
    cursor.at += 1;
    result[key] = value === '' ? below(cursor, indent) : scalar(value);
  }
  if ((here(cursor)?.indent ?? -1) >= indent) throw new NotPlain();
  return result;
}

/** The value of a key that ends its line. Its list may begin at the indentation of the key. */
function below(cursor: Cursor, indent: number): unknown {
  const next = here(cursor);
  if (next === undefined) return null;
  if (next.indent > indent) return node(cursor, next.indent);
  return next.indent === indent && isItem(next) ? items(cursor, indent) : null;
}

function sequence(cursor: Cursor, indent: number): unknown[] {
  const result = items(cursor, indent);
  if ((here(cursor)?.indent ?? -1) >= indent) throw new NotPlain();
  return result;
}

function items(cursor: Cursor, indent: number): unknown[] {
  const result: unknown[] = [];
  for (let line = here(cursor); line?.indent === indent && isItem(line); line = here(cursor)) {
    const offset = line.text.slice(1).search(/[^ ]/) + 1;
    const text = line.text.slice(offset);
    if (offset === 0 || text.startsWith('- ')) throw new NotPlain();
    if (KEY.test(text)) {
      // The rest of the line is the first one of a mapping that is indented as far.
      cursor.lines[cursor.at] = { indent: indent + offset, text };
      result.push(mapping(cursor, indent + offset));
    } else {
      cursor.at += 1;
      result.push(scalar(text));
    }
  }
  if ((here(cursor)?.indent ?? -1) > indent) throw new NotPlain();
  return result;
}

function scalar(text: string): unknown {
  if (text === '{}') return {};
  if (text === '[]') return [];
  if (text === 'true' || text === 'false') return text === 'true';
  const quoted = QUOTED.exec(text)?.[1];
  if (quoted !== undefined) return quoted;
  if (!PLAIN.test(text) || text.endsWith(':') || MEANINGFUL.test(text)) throw new NotPlain();
  return text;
}
