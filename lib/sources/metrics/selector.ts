/** `--metric NAME{label="value"}`: which series of a pod's metrics are its connections. */
import { UsageError } from '../../core/errors.ts';

export interface MetricSelector {
  name: string;
  /** Every one of them must match. */
  labels: Readonly<Record<string, string>>;
  /** As it was written, for messages. */
  text: string;
}

const SHAPE = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\})?\s*$/s;
const LABEL = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\["\\n])*)"\s*(?:,|$)/;
const ACCEPTED = `accepted: NAME or NAME{label="value",other="value"}, quoted for the shell: --metric 'nginx_connections_active{port="80"}'`;

/** Only equality is known: `!=`, `=~` and `!~` are refused. Throws UsageError. */
export function parseMetricSelector(text: string, flag: string): MetricSelector {
  const refuse = (why: string): UsageError =>
    new UsageError(`invalid argument ${JSON.stringify(text)} for "--${flag}" flag: ${why}`, ACCEPTED);
  const [, name, inside = ''] = SHAPE.exec(text) ?? [];
  if (name === undefined) throw refuse('it is not a metric name with labels');
  const labels: Record<string, string> = {};
  let rest = inside;
  while (rest.trim() !== '') {
    const [whole, label, value] = LABEL.exec(rest) ?? [];
    if (whole === undefined || label === undefined || value === undefined)
      throw refuse(`its labels cannot be read from ${JSON.stringify(rest)} on`);
    if (Object.hasOwn(labels, label)) throw refuse(`it names label ${label} twice`);
    labels[label] = value.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
    rest = rest.slice(whole.length);
  }
  return { name, labels, text: text.trim() };
}
