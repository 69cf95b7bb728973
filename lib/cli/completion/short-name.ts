/** A short name for fingers that type `kubectl zeroloss` all day. Aliases belong to the shell: it is offered, and never written. */

/** The line, and the start-up file that it goes into, for the login shell (`$SHELL`) of this user. */
export function shortName(platform: string, shell: string | undefined): { line: string; file: string } {
  if (platform.startsWith('windows/')) return { line: 'function kz { kubectl zeroloss @args }', file: '$PROFILE' };
  const name = (shell ?? '').split('/').at(-1);
  if (name === 'fish') return { line: "alias kz 'kubectl zeroloss'", file: '~/.config/fish/config.fish' };
  return { line: "alias kz='kubectl zeroloss'", file: name === 'zsh' ? '~/.zshrc' : '~/.bashrc' };
}
