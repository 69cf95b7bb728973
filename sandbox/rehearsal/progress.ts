/** How a rehearsal shows what it does while it goes on. */
import type { Streams } from '../../lib/output/streams.ts';

/** On a terminal the traffic's numbers stay on one line; elsewhere every step is a line, and the numbers are every tenth. */
export function progressOn({ stderr }: Streams): (line: string) => void {
  if (stderr.isTTY === true) {
    return (line) => stderr.write(line.includes('$ ') ? `\r\u001b[K${line}\n` : `\r\u001b[K${line}`);
  }
  let quiet = 0;
  return (line) => {
    const isStep = line.includes('$ ');
    if (line !== '' && (isStep || quiet++ % 10 === 0)) stderr.write(`${line}\n`);
  };
}
