/** How a rehearsal shows what it does while it goes on. */
import { createInPlace } from '../../lib/output/live/in-place.ts';
import { type OutputStream, type Streams, sizeOf } from '../../lib/output/streams.ts';
import { cutEnd } from '../../lib/output/text-width.ts';

interface LineInPlace {
  /** Takes the place of the line before; '' leaves nothing there. */
  show(line: string): void;
  /** It stays, and the next one is shown below it. */
  keep(line: string): void;
  end(): void;
}

/** One line on a terminal, cut to its width: a line that the terminal breaks could not be taken away again. */
export function lineInPlace(stream: OutputStream): LineInPlace {
  const place = createInPlace(stream);
  return {
    show: (line) => (line === '' ? place.erase() : place.draw([cutEnd(line, sizeOf(stream).columns - 1)])),
    keep: (line) => {
      place.erase();
      stream.write(`${line}\n`);
    },
    end: place.end,
  };
}

/** On a terminal the traffic's numbers stay on one line; elsewhere every step is a line, and the numbers are every tenth. '' is the end. */
export function progressOn({ stderr }: Streams): (line: string) => void {
  const isStep = (line: string): boolean => line.includes('$ ');
  if (stderr.isTTY === true) {
    const place = lineInPlace(stderr);
    return (line) => (isStep(line) ? place.keep(line) : place.show(line));
  }
  let quiet = 0;
  return (line) => {
    if (line !== '' && (isStep(line) || quiet++ % 10 === 0)) stderr.write(`${line}\n`);
  };
}
