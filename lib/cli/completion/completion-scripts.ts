/** The scripts that shells load to complete `kubectl zeroloss`. */

/**
 * The file that kubectl runs from PATH as `kubectl_complete-zeroloss` with the words after the plugin's name
 * (kubernetes#105867). It ends with 0 always: kubectl drops the output of a completion that fails, and offers
 * file names in its place. Beside the plugin it runs that very one, else the one on PATH.
 */
export function completionShim(system: 'posix' | 'windows'): string {
  if (system === 'windows') return '@kubectl-zeroloss.exe __complete %* 2>NUL\r\n@exit /b 0\r\n';
  return `#!/bin/sh
# kubectl runs this to complete "kubectl zeroloss"; it drops the answer unless this ends with 0.
plugin=$(dirname -- "$0")/kubectl-zeroloss
[ -x "$plugin" ] || plugin=kubectl-zeroloss
"$plugin" __complete "$@" 2>/dev/null
exit 0
`;
}

/** How each of them begins or goes on, in every version that there was. */
const MARKS = {
  posix: /^#!\/bin\/sh\n# kubectl runs this to complete "kubectl zeroloss"/,
  windows: /^@kubectl-zeroloss\.exe __complete /,
  npm: /^#!\/usr\/bin\/env node\nprocess\.argv\.splice\(2, 0, '__complete'\);/,
};

/** Whose file this text is: `npm` that of our npm package, undefined a stranger's, who may well mention the plugin. */
export function completionShimOf(text: string): keyof typeof MARKS | undefined {
  if (MARKS.npm.test(text)) return 'npm';
  if (MARKS.posix.test(text)) return 'posix';
  return MARKS.windows.test(text) ? 'windows' : undefined;
}

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script for the start-up file of a shell; it loads kubectl's own completion, which asks the plugin for the rest. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

/** kubectl's script is needed once per shell, and may be loaded already. */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Completion of kubectl, and through it of "kubectl zeroloss". Load it with: source <(kubectl zeroloss completion bash)
if ! declare -F __start_kubectl >/dev/null 2>&1; then
  source <(kubectl completion bash)
fi
`,
  zsh: `# Completion of kubectl, and through it of "kubectl zeroloss". Load it with: source <(kubectl zeroloss completion zsh)
if (( ! $+functions[compdef] )); then
  # The script of kubectl needs zsh's completion system; -i: a start-up file is no place for its questions.
  autoload -Uz compinit && compinit -i
fi
if (( ! $+functions[_kubectl] )); then
  source <(kubectl completion zsh)
fi
`,
  fish: `# Completion of kubectl, and through it of "kubectl zeroloss". Load it with: kubectl zeroloss completion fish | source
if not functions -q __kubectl_perform_completion
  kubectl completion fish | source
end
`,
  powershell: `# Completion of kubectl, and through it of "kubectl zeroloss". Load it with:
#   kubectl zeroloss completion powershell | Out-String | Invoke-Expression
if (-not (Get-Variable -Name __kubectlCompleterBlock -ErrorAction SilentlyContinue)) {
  kubectl completion powershell | Out-String | Invoke-Expression
}
`,
};
