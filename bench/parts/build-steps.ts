/** The gain of each step of the build at the start: the same program built without it, all in one race. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '../../scripts/build/bundle.ts';
import { LIGHTENED } from '../../scripts/build/lighten.ts';
import { buildExecutable, executableAssets, type SingleExecutable } from '../../scripts/build/single-executable.ts';
import { START_FLAGS } from '../../scripts/build/start-flags.ts';
import { copied } from '../installed.ts';
import { type Figures, race } from '../measure.ts';

export interface BuildStepsOptions {
  kubectl: string;
  rounds: number;
  env: NodeJS.ProcessEnv;
  /** With ten pods of the StatefulSet `web` and its Service. */
  namespace: string;
  /** An empty one, for a few executables. */
  folder: string;
}

export async function measureBuildSteps(
  { kubectl, rounds, env, namespace, folder }: BuildStepsOptions,
  report: (title: string, figures: Figures[]) => void,
): Promise<void> {
  const programs: { name: string; plugin: string }[] = [];
  const add = async (name: string, assets: string, options: Pick<SingleExecutable, 'flags'> = {}) => {
    const output = join(folder, `built-${programs.length}`);
    await buildExecutable({ assets, base: process.execPath, output, ...options });
    const place = join(folder, String(programs.length));
    await mkdir(place);
    programs.push({ name, plugin: copied(folder, `built-${programs.length}`, place) });
  };
  const chunks = join(folder, 'chunks');
  await mkdir(chunks);
  await bundle(chunks);
  const whole = await executableAssets(chunks, join(folder, 'whole'));
  await add('as it is', whole.forThisMachine);
  for (const flag of START_FLAGS)
    await add(`without ${flag}`, whole.forThisMachine, { flags: START_FLAGS.filter((other) => other !== flag) });
  await add('without compiled code', whole.forOthers);
  const single = await executableAssets(chunks, join(folder, 'single'), { inPacks: false });
  await add('without packs', single.forThisMachine);
  const heavy = join(folder, 'heavy-chunks');
  await mkdir(heavy);
  await bundle(heavy, { keep: LIGHTENED });
  await add('with all of the dependencies', (await executableAssets(heavy, join(folder, 'heavy'))).forThisMachine);
  for (const words of [
    ['version', '--client'],
    ['status', 'web', '--no-cloud', '-n', namespace],
  ]) {
    const reference = { name: `kubectl version --client`, command: [kubectl, 'version', '--client'] };
    const contestants = programs.map(({ name, plugin }) => ({ name, command: [plugin, ...words] }));
    report(`build steps: ${words.slice(0, 3).join(' ')}`, await race([reference, ...contestants], rounds, env));
  }
}
