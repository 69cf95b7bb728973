/** Finds the commands that a run tells a person to type, and types each kind of them once, without letting it write. */
import assert from 'node:assert/strict';
import { startProgram } from '../stage/plugin.ts';
import type { Stage } from '../stage/stage.ts';

const STARTS = /kubectl (?:zeroloss |-)/;
/** Verbs that only read, and those that take --dry-run. */
const READS = /^(check|status|plan|verify|history)$/;
const KUBECTL_READS = /^(get|describe|logs|auth|rollout)$/;

/** Every command in what stderr says: behind `next:`, in a hint, in a cure. */
export function commandsIn(stderr: string): string[] {
  return stderr.split('\n').flatMap((line) => {
    if (!/^\s*(next|hint|to fix it|cure): /.test(line)) return [];
    const command = line.replace(/ {3}#.*$/, '');
    return command
      .split(/ && (?=kubectl)|; /)
      .map((part) => STARTS.exec(part) && part.slice(STARTS.exec(part)?.index))
      .filter((part) => part !== null)
      .map(withoutSentence);
  });
}

/** The flags end a command of ours; a sentence may go on behind them. */
function withoutSentence(command: string): string {
  if (!command.startsWith('kubectl zeroloss')) return command;
  return (
    /^.*? -[-\w]+(?:[ =]('[^']*'|[^\s'-]\S*))?(?: -[-\w]+(?:[ =](?:'[^']*'|[^\s'-]\S*))?)*/.exec(command)?.[0] ??
    command
  );
}

const shapeOf = (command: string, stage: Stage): string =>
  command.replaceAll(stage.namespace, 'NS').replaceAll(/--server \S+/g, '');

/** Kinds of commands that have been typed, over the whole table. */
const typed = new Set<string>();

/** Asserts that each reaches the namespace and the server of the run, and that it can be read and reaches the cluster. */
export async function tryHints(stage: Stage, stderr: string, server: string | undefined): Promise<void> {
  for (const command of commandsIn(stderr)) {
    const where = `${command}\n(in ${stderr})`;
    assert.ok(command.includes(`-n ${stage.namespace}`), `another namespace: ${where}`);
    if (server !== undefined) assert.ok(command.includes(`--server ${server}`), `another cluster: ${where}`);
    const shape = shapeOf(command, stage);
    if (typed.has(shape)) continue;
    typed.add(shape);
    assert.doesNotMatch(command, / [A-Z]{4,}\b/, `a place to fill in: ${where}`);
    const ran = await startProgram('bash', ['-c', harmless(command)], stage.env).ended;
    const said = `${where} => ${ran.code}: ${ran.stderr}`;
    assert.ok(ran.code !== undefined && ran.code !== 1 && ran.code !== 2, said);
    assert.doesNotMatch(ran.stderr, /unknown (flag|command)|See '.*--help'/, said);
  }
}

export const typedKinds = (): readonly string[] => [...typed].sort();

function harmless(command: string): string {
  const [, own, verb = ''] = /^kubectl(?: (zeroloss))?(?: -\S+ \S+)* (\S+)/.exec(command) ?? [];
  if (own === undefined) return KUBECTL_READS.test(verb) ? command : `${command} --dry-run=client`;
  if (READS.test(verb)) return command;
  return `${command} --dry-run=client${/^(wait-zero|recreate)$/.test(verb) ? ' --timeout 1s' : ''}`;
}
