/**
 * A notation for the shapes of API types. A line at the margin names a type; indented lines under it give a field type
 * and the fields of that type. Field types: `text`, `number`, `flag`, `quantity` (a number or a text), `any`, the name
 * of another type, `[T]` a list, `{T}` a map with free keys.
 */
export interface FieldShape {
  readonly container: 'one' | 'list' | 'map';
  /** A scalar's name, or that of a type. */
  readonly type: string;
}

/** The fields of one type. */
export type Shape = ReadonlyMap<string, FieldShape>;

/** Every type in the notation, by its name. */
export function parseShapes(notation: string): Map<string, Shape> {
  const shapes = new Map<string, Map<string, FieldShape>>();
  let fields = new Map<string, FieldShape>();
  for (const line of notation.split('\n').filter((text) => text !== '')) {
    if (line.startsWith(' ')) {
      const [type = '', ...names] = line.trim().split(' ');
      const shape = parseFieldType(type);
      for (const name of names) {
        fields.set(name, shape);
      }
    } else {
      fields = new Map();
      shapes.set(line, fields);
    }
  }
  return shapes;
}

function parseFieldType(text: string): FieldShape {
  if (text.startsWith('[')) {
    return { container: 'list', type: text.slice(1, -1) };
  }
  return text.startsWith('{') ? { container: 'map', type: text.slice(1, -1) } : { container: 'one', type: text };
}
