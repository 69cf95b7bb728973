/** A terminal or log whose locale is not UTF-8 gets ASCII for the few signs of ours that are not. Texts from outside stay as they are. */
import type { Environment, OutputStream } from './streams.ts';

/** One character for one: widths have been counted before. */
const PLAIN: Readonly<Record<string, string>> = { '…': '~', '×': 'x', '·': '-', '↑': '^', '↓': 'v', '’': "'" };

/** POSIX: the first of the three that is set counts. None set is no statement: containers and Windows set none, and take UTF-8. */
export function takesUtf8(env: Environment): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => (value ?? '') !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}

/** An ellipsis that stands for left-out words becomes three dots, one inside a word that was cut `~`. */
export const inAscii = (text: string): string =>
  text.replaceAll(/(^| )…/gm, '$1...').replaceAll(/[…×·↑↓’]/g, (sign) => PLAIN[sign] ?? sign);

/** The same stream, written in ASCII. */
export function asciiStream(stream: OutputStream): OutputStream {
  return {
    write: (text) => stream.write(inAscii(text)),
    plain: inAscii,
    once: (event, listener) => stream.once?.(event, listener),
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
  };
}
