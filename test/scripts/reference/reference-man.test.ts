import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagName } from '../../../lib/cli/arguments.ts';
import { papers } from '../../../scripts/package/papers.ts';
import { readReference } from '../../../scripts/reference/read-reference.ts';

test('the packages hold a man page for the program and for each command, with every flag that its help shows', async () => {
  const { commands, common } = await readReference();
  const pages = new Map((await papers()).map(({ name, content }) => [name, content.toString()]));
  const pageOf = (name: string) => pages.get(`man/${name}.1`) ?? assert.fail(`no page ${name}`);
  const withFlags = (page: string, flags: readonly string[]) => {
    for (const flag of flags) assert.ok(page.includes(`\\-\\-${flag.replaceAll('-', '\\-')}=`), `${page} --${flag}`);
  };
  const main = pageOf('kubectl-zeroloss');
  withFlags(main, Object.keys(common).map(flagName));
  for (const { command } of commands) {
    const name = `kubectl-zeroloss-${command.name.replaceAll(' ', '-')}`;
    const page = pageOf(name);
    assert.ok(page.startsWith(`.TH ${name.toUpperCase().replaceAll('-', '\\-')} 1\n`), page.slice(0, 80));
    assert.ok(main.includes(`.BR ${name} (1)`), name);
    const own = Object.entries(command.flags).filter(([, flag]) => flag.common !== true);
    withFlags(
      page,
      own.map(([key]) => flagName(key)),
    );
  }
  assert.equal([...pages.keys()].filter((name) => name.startsWith('man/')).length, commands.length + 1);
});

test('no line of a man page begins with a macro that it does not mean', async () => {
  const macros = /^\.(TH|SH|TP|PP|BR|B) ?/;
  for (const { name, content } of await papers())
    if (name.startsWith('man/'))
      for (const line of content.toString().split('\n'))
        assert.ok(!/^['.]/.test(line) || macros.test(line), `${name}: ${line}`);
});
