import { connectionFlags } from '../../lib/cli/connection-flags.ts';
import { defineCommand } from '../../lib/cli/define-command.ts';
import { switchFlag } from '../../lib/cli/flag.ts';
import { commonFlags, structuredOutputFlag } from '../../lib/cli/verb-flags.ts';
import { ExitCode } from '../../lib/core/errors.ts';
import { renderStructured } from '../../lib/output/structured.ts';
import { visible } from '../../lib/output/visible.ts';
import type { Context } from '../context.ts';
import { connectionOf } from '../flags/connection-of.ts';
import { printFailure } from '../show/print.ts';
import { versionText } from '../show/version-text.ts';

interface Versions {
  clientVersion: { gitVersion: string; platform: string };
  /** As the server said it at /version. */
  serverVersion?: { gitVersion?: unknown };
}

export const version = defineCommand({
  description: ['The client is this plugin, the server the API server of the current context.'],
  examples: [
    { comment: 'Print the client and server versions for the current context', command: 'version' },
    { comment: 'Print the version of this plugin alone, without asking a server', command: 'version --client' },
  ],
  positionals: {},
  flags: {
    client: switchFlag({ help: 'If true, shows client version only (no server required).' }),
    output: structuredOutputFlag,
    ...connectionFlags,
    ...commonFlags,
  },
  async run(context: Context, { flags }) {
    const versions: Versions = {
      clientVersion: { gitVersion: await versionText(), platform: context.platform },
    };
    let failure: unknown;
    try {
      if (!flags.client) versions.serverVersion = await serverVersion(context, connectionOf(flags));
    } catch (error) {
      failure = error;
    }
    // Like kubectl: what is known is printed even when the server does not answer.
    context.streams.stdout.write(
      flags.output === undefined ? lines(versions) : await renderStructured(versions, flags.output, context.mask),
    );
    return failure === undefined ? ExitCode.done : await printFailure(context, failure, undefined, {});
  },
});

async function serverVersion(
  context: Context,
  connection: ReturnType<typeof connectionOf>,
): Promise<{ gitVersion?: unknown }> {
  const { env, report, signal } = context;
  const { world, close } = await context.openWorld({ connection, cloud: {}, env, report, signal });
  try {
    const { parseObject } = await import('../../lib/kube/api/kube-answer.ts');
    return parseObject(await world.kube.getText('/version', { signal }), 'GET /version');
  } finally {
    await close();
  }
}

function lines({ clientVersion, serverVersion: server }: Versions): string {
  const own = `Client Version: ${clientVersion.gitVersion}\n`;
  return server === undefined
    ? own
    : `${own}Server Version: ${typeof server.gitVersion === 'string' ? visible(server.gitVersion) : '<unknown>'}\n`;
}
