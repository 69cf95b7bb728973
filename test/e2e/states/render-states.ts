/** The page docs/dev/states.md, written from the table that the test goes through. */
import type { Row, Stop } from './row.ts';
import { TABLE } from './table.ts';

const HEAD = `# Every verb, stopped

A stopped verb reports the truth. This page says, for each verb and each state in which it can be stopped, what was written, with which code it ended, what the text says, and what the same command does next. It is written from the table in test/e2e/states (\`make docs\`), and \`states.test.ts\` goes through every line on the sandbox: it types the command through kubectl, stops it there, and compares text, exit code and \`-o json\` with what is really in the cluster. It also types every command that a \`next:\`, a hint or a cure shows.

The StatefulSet is nginx with two pods. "Written" means weights, template, replicas, pods and the pause; leases, events and moments of zero change no traffic. Beside each line these laws hold: a text that says that nothing was written is true; exit 4 and 2 mean that nothing was written; \`changed\` of \`-o json\` is what changed; every end other than 0 names a way on or back.

\`upgrade\` killed before and after each of its writes, surge included and under traffic, is \`stopped/killed-upgrade.test.ts\`.
`;

export function renderStates(): string {
  const verbs = [...new Set(TABLE.map(({ verb }) => verb))];
  return [HEAD, ...verbs.map((verb) => sectionOf(TABLE.filter((row) => row.verb === verb)))].join('\n');
}

const sectionOf = (rows: readonly Row[]): string =>
  [
    `## ${rows[0]?.verb}`,
    '',
    '| State | Before | Typed | Stopped by | Written | Exit | The text says | The same command again |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map(lineOf),
    '',
  ].join('\n');

function lineOf(row: Row): string {
  const { state, scene, verb, words, stop, written, code, says, again } = row;
  const next = [
    `exit ${again.code}`,
    again.written.length === 0 ? 'writes nothing' : `writes ${again.written.join(', ')}`,
  ];
  if (again.says !== '') next.push(quoted(again.says));
  return [
    state,
    scene,
    `\`${[verb, 'nginx', words].filter((word) => word !== '').join(' ')}\``,
    stop === undefined ? '' : stopText(stop),
    written.length === 0 ? 'nothing' : `${stop?.by === 'kill' ? 'at most ' : ''}${written.join(', ')}`,
    code === undefined ? '(SIGKILL)' : String(code),
    says
      .filter((part) => part !== '')
      .map(quoted)
      .join('; '),
    next.join('; '),
  ]
    .map((cell) => cell.replaceAll('|', '\\|'))
    .reduce((line, cell) => `${line} ${cell} |`, '|');
}

const quoted = (text: string): string => `"${text.trim()}"`;

function stopText(stop: Stop): string {
  switch (stop.by) {
    case 'Ctrl-C':
      return 'when' in stop ? `Ctrl-C while it shows "${stop.when}"` : `Ctrl-C ${momentText(stop.at)}`;
    case 'kill':
      return `SIGKILL behind ${stop.at === undefined ? 'each write' : `its writes: ${stop.at.join(', ')}`}`;
    case 'silence':
      return stop.at === 'read' ? 'a server that answers nothing' : `no answer to the write: ${stop.at}`;
    case 'races':
      return `another writer before every write: ${stop.at}`;
    case 'another image':
      return `another image, set behind the write: ${stop.at}`;
    case 'answers':
      return `answers: ${stop.keys.map((key) => key.trim()).join(', ')}`;
    case 'sleep':
      return 'a controller that sleeps';
  }
}

const momentText = (at: string): string => (at === 'read' ? 'while it reads' : `behind the write: ${at}`);
