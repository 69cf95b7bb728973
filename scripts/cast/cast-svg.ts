/** A terminal recording as an SVG without script: each line appears when it was printed, pauses shortened, and the text scrolls as in a terminal. Pure. */

export interface CastLine {
  /** Milliseconds since the beginning. */
  atMs: number;
  text: string;
  /** A typed line, not a printed one. */
  typed?: true;
}

const COLUMNS = 110;
/** As a terminal of that height shows; at the end the last ones stay. */
const ROWS = 24;
const [CHAR, LINE, MARGIN] = [7.3, 17, 14];
/** A reader does not wait four minutes for what a machine waited for. */
const LONGEST_PAUSE_MS = 600;

/** Longer lines are broken, never cut. */
export function wrapped({ text, ...rest }: CastLine): CastLine[] {
  const parts = text.match(new RegExp(`.{1,${COLUMNS}}`, 'gu')) ?? [''];
  return parts.map((part) => ({ ...rest, text: part }));
}

/** Seconds after which each line appears: pauses longer than a moment are shortened, nothing else is changed. */
export function delays(lines: readonly CastLine[]): number[] {
  let [shownMs, lastMs] = [0, lines[0]?.atMs ?? 0];
  return lines.map(({ atMs }) => {
    shownMs += Math.min(LONGEST_PAUSE_MS, Math.max(0, atMs - lastMs));
    lastMs = atMs;
    return Math.round(shownMs / 10) / 100;
  });
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The moments at which the text moves up, as keyframes; the last one of lines that appear together counts. */
function scrolling(at: readonly number[], totalSeconds: number): string {
  const places = new Map(at.map((seconds, index) => [seconds, Math.max(0, index + 1 - ROWS)]));
  const frames = [...places].map(([seconds, rows]) => {
    const percent = totalSeconds === 0 ? 100 : (seconds / totalSeconds) * 100;
    return `${percent.toFixed(3)}%{transform:translateY(${-rows * LINE}px)}`;
  });
  return `@keyframes scroll{${frames.join('')}}`;
}

/** `title` is what a screen reader reads. */
export function renderCast(title: string, lines: readonly CastLine[]): string {
  const all = lines.flatMap(wrapped);
  const at = delays(all);
  const total = at.at(-1) ?? 0;
  const [width, height] = [Math.ceil(COLUMNS * CHAR + 2 * MARGIN), ROWS * LINE + 2 * MARGIN];
  const end = -Math.max(0, all.length - ROWS) * LINE;
  const rows = all.map(({ text, typed }, index) => {
    const y = MARGIN + (index + 1) * LINE - 4;
    const kind = typed === true ? ' class="typed"' : '';
    return `<text x="${MARGIN}" y="${y}"${kind} style="animation-delay:${at[index]}s" xml:space="preserve">${escaped(text)}</text>`;
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    '<style>',
    'rect{fill:#16181d}text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d6d9df;opacity:0;animation:appear .01s linear forwards}',
    '.typed{fill:#8fd694}@keyframes appear{to{opacity:1}}',
    scrolling(at, total),
    `.scroll{animation:scroll ${total}s step-end forwards;transform:translateY(${end}px)}`,
    '@media (prefers-reduced-motion:reduce){text{opacity:1;animation:none}.scroll{animation:none}}',
    '</style>',
    `<clipPath id="screen"><rect x="0" y="${MARGIN}" width="${width}" height="${ROWS * LINE}"/></clipPath>`,
    `<rect width="${width}" height="${height}" rx="8"/>`,
    '<g clip-path="url(#screen)"><g class="scroll">',
    ...rows,
    '</g></g>',
    '</svg>',
  ].join('\n')}\n`;
}
