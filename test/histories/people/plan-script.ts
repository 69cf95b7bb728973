/** Runs the script of `plan -o sh` as bash does: line by line, until one fails, with its loop and with the code that ends it. */

export interface ScriptStep {
  words: readonly string[];
  /** Whose program it is. */
  tool: 'zeroloss' | 'kubectl';
  /** Code 3 is no failure here; of a loop it is the way out. */
  mayEnd: boolean;
  inLoop: boolean;
}

interface Bash {
  type(...words: string[]): Promise<number | 'killed'>;
  /** A command of kubectl's own; resolves to its exit code. */
  kubectl(...words: string[]): Promise<number>;
}

/** Longer than any loop over twelve pods. */
const MOST_ROUNDS = 60;

/** The commands of a script, in order. Throws when a line is neither a command nor one of the lines that hold them together. */
export function stepsOf(script: string): ScriptStep[] {
  let inLoop = false;
  let inGuard = false;
  return script.split('\n').flatMap((line) => {
    const text = line.replace(/ {3}# look: .*$/, '').trim();
    if (text === 'while true; do') inLoop = true;
    if (text === 'done' && !inGuard) inLoop = false;
    // The precondition of the whole script and of each deletion, which is no step.
    if (text === 'check_template() {') inGuard = true;
    if (inGuard || /^check_template \d /.test(text)) {
      inGuard = inGuard && text !== '}';
      return [];
    }
    if (text === '' || text.startsWith('#') || /^(while true; do|done|set -euo pipefail)$/.test(text)) return [];
    const [command = '', guard] = text.split(' || { ');
    const words = command.match(/'[^']*'|[^\s']+/g)?.map((word) => word.replaceAll("'", '')) ?? [];
    if (words[0] !== 'kubectl') throw new Error(`a line of the script is no command: ${line}`);
    const isOwn = words[1] === 'zeroloss';
    return [
      {
        words: words.slice(isOwn ? 2 : 1),
        tool: isOwn ? 'zeroloss' : 'kubectl',
        mayEnd: guard !== undefined,
        inLoop,
      } as const,
    ];
  });
}

/** Resolves to the script's exit code. */
export async function runScript(steps: readonly ScriptStep[], bash: Bash): Promise<number | 'killed'> {
  const run = ({ words, tool }: ScriptStep): Promise<number | 'killed'> =>
    tool === 'zeroloss' ? bash.type(...words) : bash.kubectl(...words);
  const loop = steps.filter(({ inLoop }) => inLoop);
  for (const step of steps) {
    if (step.inLoop && step !== loop[0]) continue;
    if (!step.inLoop) {
      const code = await run(step);
      if (code !== 0 && !(code === 3 && step.mayEnd)) return code;
      continue;
    }
    for (let round = 0, isOver = false; !isOver; round += 1) {
      if (round === MOST_ROUNDS) return 6;
      for (const each of loop) {
        const code = await run(each);
        isOver = code === 3 && each.mayEnd;
        if (isOver) break;
        if (code !== 0) return code;
      }
    }
  }
  return 0;
}
