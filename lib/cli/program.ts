/** How the program was called, for usage lines that can be typed again. */

/**
 * `kubectl zeroloss` when the file is called `kubectl-zeroloss` (kubectl finds plugins by that name, `_` in the file
 * standing for a dash); else the file's own name. `paths`: candidates in order, such as argv[0] as called and the script.
 */
export function programName(paths: readonly (string | undefined)[]): string {
  const names = paths.map((path) => (path?.split(/[\\/]/).at(-1) ?? '').replace(/\.(exe|c?m?[jt]s)$/i, ''));
  const plugin = names.find((name) => name.startsWith('kubectl-'));
  if (plugin !== undefined)
    return `kubectl ${plugin.slice('kubectl-'.length).replaceAll('-', ' ').replaceAll('_', '-')}`;
  const own = names.find((name) => name !== '' && name !== 'node');
  return own ?? 'kubectl zeroloss';
}
