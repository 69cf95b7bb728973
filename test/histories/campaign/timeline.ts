/** A history for people: the world in a line, then what happened, in order. */
import type { Hit } from '../faults/striker.ts';
import type { History } from '../history.ts';
import { INVARIANTS, type Violation } from '../invariants/violation.ts';
import type { Told } from '../people/cast.ts';

const at = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(4)}m${String(seconds % 60).padStart(2, '0')}s`;
};

export function timelineOf(
  { setting, job }: History,
  told: readonly Told[],
  hits: readonly Hit[],
  violations: readonly Violation[],
  startMs: number,
): string[] {
  const { replicas, ordered, services, ports, sources, weights } = setting;
  const world = `${replicas} pods${ordered ? ' (OrderedReady)' : ''}, ${services} Services, ${ports} ports, counted by ${sources}, weights "${weights}"; job: ${job.kind}, batch ${job.batch}`;
  const lines = [
    ...told.flatMap(({ who, ended: { words, code, beganMs, endedMs, stderr, stdout } }) => [
      { ms: beganMs - startMs, order: 0, text: `${who} types ${words.join(' ')}` },
      {
        ms: endedMs - startMs,
        order: 2,
        text: `${who}'s ${words[0]} ${code === 'killed' ? 'is killed' : `ends with ${code}`}${code === 0 || code === 'killed' ? '' : `: ${errorLine(stderr)}`}`,
      },
      ...(words[0] === 'status' ? stdout.split('\n') : []).map((text) => ({
        ms: endedMs - startMs,
        order: 2,
        text: `    ${text}`,
      })),
    ]),
    ...hits.map(({ kind, verb, step, atMs, nth }) => ({
      ms: atMs,
      order: 1,
      text: `* ${kind} at call ${nth}, ${verb}: ${step}`,
    })),
    ...violations.map(({ invariant, what, atMs }) => ({
      ms: atMs,
      order: 3,
      text: `! ${invariant} (${INVARIANTS[invariant]}): ${what}`,
    })),
  ];
  lines.sort((a, b) => a.ms - b.ms || a.order - b.order);
  return [world, ...lines.map(({ ms, text }) => `${at(ms)}  ${text}`)];
}

const CALMER = /^\s*\d+m\d\ds {2}(bob types resume|bob's resume)/;
const textOf = (line: string): string => line.replace(/^\s*\d+m\d\ds {2}/, '');

/** The lines up to the first violation; a run that is typed and ends as the one before it is only counted. */
export function briefly(timeline: readonly string[]): string[] {
  const at = timeline.findIndex((line) => textOf(line).startsWith('! '));
  const lines = timeline.slice(0, at < 0 ? undefined : at + 1).filter((line) => !CALMER.test(line));
  const brief: string[] = [];
  let again = 0;
  for (let index = 0; index < lines.length; index += 1) {
    const [one = '', two = ''] = lines.slice(index, index + 2).map(textOf);
    const isRepeated = / types /.test(one) && brief.slice(-2).map(textOf).join() === [one, two].join();
    if (isRepeated) {
      again += 1;
      index += 1;
      continue;
    }
    if (again > 0) brief.push(`          … and ${again} times more`);
    again = 0;
    brief.push(lines[index] ?? '');
  }
  return brief;
}

/** The error, and of a refusal its rules. */
function errorLine(stderr: string): string {
  const lines = stderr.trim().split('\n');
  const at = lines.findLastIndex((line) => /^error/i.test(line));
  const rules = lines
    .slice(at + 1)
    .filter((line) => !/^\s*(to |hint|or )/.test(line))
    .slice(0, 3);
  return [lines[Math.max(0, at)] ?? '', ...rules].map((line) => line.trim().slice(0, 240)).join(' ');
}
