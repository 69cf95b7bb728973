import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { openWorld } from '../../../cmd/surroundings/open-world.ts';
import { UsageError } from '../../../lib/core/errors.ts';
import type { Environment } from '../../../lib/output/streams.ts';

describe('the real world', () => {
  let server: Server;
  const asked: { path: string; agent: string }[] = [];

  before(async () => {
    server = createServer((request, response) => {
      asked.push({ path: request.url ?? '', agent: request.headers['user-agent'] ?? '' });
      response.setHeader('content-type', 'application/json');
      response.end('{"gitVersion":"v1.33.0"}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const closed: string[] = [];
  const open = (env: Environment, confirm?: (question: string) => Promise<boolean>) => {
    const { port } = server.address() as AddressInfo;
    const report = {
      verbosity: 0,
      progress: () => {},
      warn: () => {},
      trace: () => {},
      close: () => {
        closed.push('closed');
      },
      prose: () => {},
    };
    const options = {
      connection: { server: `http://127.0.0.1:${port}`, namespace: 'prod' },
      cloud: {},
      env: { HOME: '/nonexistent', ...env },
      report,
      signal: new AbortController().signal,
    };
    return openWorld(options, confirm === undefined ? {} : { confirm });
  };

  test('ends the line that is being rewritten before a question stands on the screen', async () => {
    const { world, close } = await open({}, async (question) => closed.push(question) > 0);
    try {
      closed.length = 0;
      assert.equal(await world.confirm?.('Start?'), true);
      assert.deepEqual(closed, ['closed', 'Start?']);
    } finally {
      await close();
    }
  });

  test('sends nothing when it is opened, and says who it is when it does', async () => {
    const { world, close } = await open({});
    try {
      assert.equal(asked.length, 0);
      assert.equal(world.kube.namespace, 'prod');
      assert.equal(await world.kube.getText('/version'), '{"gitVersion":"v1.33.0"}');
      assert.equal(asked[0]?.path, '/version');
      assert.match(asked[0]?.agent ?? '', /^kubectl-zeroloss\/v\d+\.\d+\.\d+ \(\w+\/\w+\)$/);
    } finally {
      await close();
    }
  });

  test('looks at the cloud only when it is first asked, so a broken cloud setting hurts nothing else', async () => {
    const { world, close } = await open({ ZEROLOSS_CLOUD_ENDPOINT: 'nonsense' });
    try {
      assert.deepEqual(
        world.sources.map(({ name }) => name),
        ['clb'],
      );
      await assert.rejects(world.balancer.observe({ id: 'lb-1' }), UsageError);
      await assert.rejects(async () => world.sources[0]?.prove([], []), UsageError);
    } finally {
      await close();
    }
  });
});
