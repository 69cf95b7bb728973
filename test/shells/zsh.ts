/** Types lines into a real, interactive zsh on a terminal of its own (its module zsh/zpty), and tells what the line is after Tab. */

/**
 * A script for `zsh -f`, with the lines to complete as its arguments. `\\t` in a line is a Tab. Each completed line goes to
 * stdout; what the terminal shows until then goes to stderr.
 */
export const zshDriver = (setUp: string): string => `
zmodload zsh/zpty
lines=$(mktemp)
zpty -b pty zsh -f -i
drain() { local seen; while zpty -rt pty seen; do print -rn -u 2 -- "$seen"; done }
await() {
  local tries=0
  while (( $(wc -l <$lines) < $1 )); do
    drain; sleep 0.05
    (( ++tries < 600 )) || { print -u 2 "zsh never came to line $1"; exit 1 }
  done
}
# menu_complete: Tab puts the first candidate into the line, and the next Tab the second one.
zpty -w pty "PS1= lines=$lines; setopt menu_complete; tell() { print -r -- \\"\\$BUFFER\\" >>\\$lines; BUFFER= }; zle -N tell; bindkey '^X' tell"
zpty -w pty ${quoted(setUp)}'; print ready >>$lines'
await 1
typeset -i asked=1
for line in "$@"; do
  zpty -w -n pty "$line"$'\\C-x'
  await $(( ++asked ))
done
zpty -d pty
tail -n +2 $lines
rm -f $lines
`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
