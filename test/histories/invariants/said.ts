/** Invariants 6 and 7, of each run that has ended: its exit code, its sentences and its hints, compared with what it did. */
import { runCli } from '../../../cmd/cli.ts';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { asMap, asMaps } from '../../../sandbox/semantics/json.ts';
import type { Ended } from '../people/program.ts';
import { SECRETS } from '../world/secrets.ts';
import { type Stage, TARGET } from '../world/stage.ts';
import type { Witness } from './witness.ts';

/** So many pods are there, at the update revision and ready; a pause is asked for at half of them. */
export function isUpgraded({ api }: Stage, words: readonly string[]): boolean {
  const set = api.get(STATEFUL_SETS, TARGET);
  const { updateRevision } = asMap(set?.['status']);
  const replicas = Number(asMap(set?.['spec'])['replicas'] ?? 0);
  const serving = api.list(PODS).filter(({ metadata, ...pod }) => {
    const conditions = asMaps(asMap((pod as Record<string, unknown>)['status'])['conditions']);
    return (
      metadata.labels?.['controller-revision-hash'] === updateRevision &&
      metadata.deletionTimestamp === undefined &&
      conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
    );
  });
  return serving.length >= (words.includes('--pause-at') ? Math.max(1, Math.floor(replicas / 2)) : replicas);
}

/** `touched`: what others have changed in this history. */
export function judgeEnd(
  witness: Witness,
  { code, words, stdout, stderr }: Ended,
  stage: Stage,
  touched: ReadonlySet<string>,
): void {
  const said = `${stdout}${stderr}`;
  for (const secret of SECRETS) if (said.includes(secret)) witness.accuse(7, `${words.join(' ')}: shows ${secret}`);
  if (code === 'killed') return;
  const command = words.join(' ');
  if (code === 4 && witness.wrote > 0) witness.accuse(6, `${command}: exit code 4 after ${witness.wrote} writes`);
  // Another writer may have taken the revision away that the command names: then it is the command that is wrong.
  if (code === 2 && !/ has no revision \d+$/m.test(stderr))
    witness.accuse(6, `${command}: taken for a usage error: ${stderr.split('\n')[0]}`);
  if (/nothing (more )?was deleted/.test(said) && witness.deleted > 0 && !/nothing was deleted for it/.test(said))
    witness.accuse(6, `${command}: says that nothing was deleted, and ${witness.deleted} pods were`);
  if (/nothing was written/.test(said) && witness.wrote > 0)
    witness.accuse(6, `${command}: says that nothing was written, after ${witness.wrote} writes`);
  const isSure = words[0] === 'upgrade' && touched.size === 0;
  if (code === 0 && isSure && !isUpgraded(stage, words))
    witness.accuse(6, `${command}: exit code 0, and too few pods are updated and ready`);
  if (/\bTypeError|\bundefined\b|\bNaN\b|\[object /.test(stderr))
    witness.accuse(6, `${command}: ${lineWith(stderr, /TypeError|undefined|NaN|\[object /)}`);
  if (/unexpected/.test(stderr)) witness.accuse(6, `${command}: ${lineWith(stderr, /unexpected/)}`);
}

const lineWith = (text: string, what: RegExp): string => text.split('\n').find((line) => what.test(line)) ?? '';

const known = new Map<string, boolean>();

/** The commands that a run names for its reader; a colon within a word is the word's own. */
export const hintsIn = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(/kubectl zeroloss ((?:[a-z][a-z-]*)(?: [^\s;&|()#"'`,:]+(?::[^\s;&|()#"'`,:]+)*)*)/g)].flatMap(
      ([, words]) => words ?? [],
    ),
  ),
];

/** Accuses a run whose hint is no command that the program understands; it is asked as far as its world, and no further. */
export async function judgeHints(witness: Witness, { stdout, stderr }: Ended): Promise<void> {
  for (const hint of hintsIn(`${stdout}\n${stderr}`)) {
    if (!known.has(hint)) known.set(hint, (await understood(hint.split(' '))) !== 2);
    if (known.get(hint) === false) witness.accuse(6, `the hint "kubectl zeroloss ${hint}" is not understood`);
  }
}

async function understood(argv: readonly string[]): Promise<number> {
  const nowhere = { write: () => true };
  return runCli({
    ...{ argv, program: 'kubectl zeroloss', env: {}, platform: 'linux/amd64', selfCommand: [] },
    streams: { stdout: nowhere, stderr: nowhere },
    signal: new AbortController().signal,
    openWorld: () => Promise.reject(new Error('understood')),
  });
}
