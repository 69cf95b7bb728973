/** The pages that people read, and what a test can find in them: links, headings, paths, commands. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

export interface Page {
  /** From the top of the repository. */
  path: string;
  text: string;
}

/** Every Markdown page but the changelog, which tells of files that are gone. */
export async function readPages(): Promise<Page[]> {
  const below = await Promise.all(
    ['docs', 'deploy', 'sandbox'].map((folder) =>
      readdir(join(ROOT, folder), { recursive: true, withFileTypes: true }).then((found) =>
        found.map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
      ),
    ),
  );
  const top = await readdir(ROOT);
  const paths = [...top, ...below.flat()].filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md').sort();
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

/** Targets of links to pages and files of the repository. */
export const linksOf = ({ text }: Page): string[] =>
  [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].flatMap(([, target]) => target ?? []);

/** The anchors of a page's headings, as forges make them. */
export const anchorsOf = ({ text }: Page): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );

/** Paths in backticks that begin with a folder of the repository; one with a name in capitals shows a form. */
export const pathsOf = ({ text }: Page): string[] =>
  [...text.matchAll(/`((?:cmd|lib|sandbox|test|scripts|bench|docs|deploy)\/[\w./-]+)`/g)].flatMap(([, path = '']) =>
    /\b[A-Z]{2,}\b(?!\.md)/.test(path) ? [] : path,
  );

/** Every `kubectl zeroloss …` of the page that a reader types as it stands; comments and what follows a pipe are left out. */
export function commandsOf({ text }: Page): string[] {
  const code = [...text.matchAll(/^(?: {4}|\t)(.+)$/gm), ...text.matchAll(/`([^`\n]+)`/g)].map(([, line = '']) => line);
  const fenced = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.split('\n'));
  return [...new Set([...code, ...fenced])]
    .flatMap((line) => line.replace(/\s#\s.*$/, '').split(/&&|\|\||[|;]/))
    .flatMap((part) => /(?:^|\s|\()(?:kubectl zeroloss|kz) (.+)$/.exec(part.trim())?.[1] ?? [])
    .filter((words) => /^[a-z-]+/.test(words) && !/ {2}/.test(words))
    .map((words) => words.trim());
}

/** Names of arguments in capitals, an ellipsis or brackets stand for something: such a command shows a form. */
export const isForm = (command: string): boolean =>
  /…|\.\.\.|[[\]<>]|\b[A-Z]{2,}\b/.test(command.replace(/'[^']*'/g, ''));
