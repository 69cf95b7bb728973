/** One run of a credential plugin as kubectl runs it: its environment, its terminal, its end. */

import { spawn } from 'node:child_process';
import { isatty } from 'node:tty';
import { MIB } from '../../net/read-body.ts';
import { readBytes } from '../../read-file.ts';
import type { ExecPlugin } from '../config/kubeconfig-model.ts';
import type { CredentialsContext } from './credentials.ts';
import { renderExecInfo } from './exec-credential-format.ts';

const STDIN = 0;
/** A credential is a token, or a certificate and its key. */
const MAX_OUTPUT_BYTES = MIB;

const NOT_INSTALLED = `

It looks like you are trying to use a client-go credential plugin that is not installed.

To learn more about this feature, consult the documentation available at:
      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins`;

/**
 * Runs the plugin and returns its stdout; its stderr goes to ours, its stdin is ours when it may talk to the user.
 * Throws Error in client-go's words when it is missing (with its installHint), fails, or needs a terminal that is not there;
 * and the signal's reason, having ended the plugin.
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  context: CredentialsContext,
  signal: AbortSignal,
): Promise<string> {
  const interactive = mayInteract(plugin, context);
  const info = renderExecInfo(plugin, interactive, { ...context, caData: await caDataOf(plugin, context) });
  const env = {
    ...context.env,
    ...Object.fromEntries(plugin.env.map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: info,
  };
  const command = plugin.command ?? '';
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const child = spawn(command, plugin.args, { env, stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'] });
    const stop = () => {
      child.kill();
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_OUTPUT_BYTES) return void chunks.push(chunk);
      child.kill();
      reject(new Error(`exec: executable ${command} printed more than ${MAX_OUTPUT_BYTES / MIB} MiB`));
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT';
      const hint = plugin.installHint ? `${NOT_INSTALLED}\n\n${plugin.installHint}` : '';
      reject(new Error(`exec: executable ${command} ${missing ? `not found${hint}` : `cannot be run: ${error.code}`}`));
    });
    child.once('close', (code, killed) => {
      signal.removeEventListener('abort', stop);
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else
        reject(
          new Error(`exec: executable ${command} failed with ${killed ? `signal ${killed}` : `exit code ${code}`}`),
        );
    });
  });
}

function mayInteract(plugin: ExecPlugin, { interactive }: CredentialsContext): boolean {
  const terminal = interactive ?? isatty(STDIN);
  if (plugin.interactiveMode === 'Never') return false;
  if (plugin.interactiveMode === 'Always' && !terminal) {
    throw new Error('exec plugin cannot support interactive mode: standard input is not a terminal');
  }
  return terminal;
}

async function caDataOf(plugin: ExecPlugin, { plan: { cluster } }: CredentialsContext): Promise<string | undefined> {
  if (!plugin.provideClusterInfo) return undefined;
  if (cluster.certificateAuthorityData || !cluster.certificateAuthority) return cluster.certificateAuthorityData;
  return (await readBytes(cluster.certificateAuthority)).toString('base64');
}
