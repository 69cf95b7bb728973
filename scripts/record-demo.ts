/** Records the demo from a real run: `record-demo.ts PROGRAM FILE [FLAGS OF sandbox demo …]` writes an SVG of what it printed, and when. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { type CastLine, renderCast } from './cast/cast-svg.ts';

const [program, file, ...flags] = process.argv.slice(2);
if (program === undefined || file === undefined) throw new Error('usage: record-demo.ts PROGRAM FILE [FLAG …]');

const began = performance.now();
const words = ['sandbox', 'demo', ...flags];
const lines: CastLine[] = [{ atMs: 0, text: `$ kubectl zeroloss ${words.join(' ')}`, typed: true }];
const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
const read = [child.stdout, child.stderr].map(async (stream) => {
  for await (const text of createInterface({ input: stream })) {
    lines.push({ atMs: Math.round(performance.now() - began), text });
    process.stderr.write(`${text}\n`);
  }
});
const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
await Promise.all(read);
if (code !== 0) throw new Error(`the demo ended with ${code}: nothing was recorded`);
const seconds = Math.round((lines.at(-1)?.atMs ?? 0) / 1000);
await writeFile(
  file,
  renderCast(`A run of kubectl zeroloss ${words.join(' ')}: ${seconds} s, pauses shortened`, lines),
);
