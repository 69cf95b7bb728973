// Runs the plugin as its executable would, out of a folder of assets, and leaves beside every script that was opened what
// V8 had compiled of it by the end: `record-run.cjs ASSETS WORDS…`.
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const vm = require('node:vm');

const [, , folder, ...words] = process.argv;
const opened = new Map();

class RecordedScript extends vm.Script {
  constructor(code, options) {
    super(code, options);
    if (this.cachedDataRejected) throw new Error(`V8 refuses what it compiled of ${options.filename} a moment ago`);
    opened.set(options.filename, this);
  }
}

const modules = {
  'node:sea': { isSea: () => true, getRawAsset: (name) => Uint8Array.from(readFileSync(join(folder, name))).buffer },
  'node:vm': { ...vm, Script: RecordedScript },
};

process.on('exit', () => {
  for (const [name, script] of opened) writeFileSync(join(folder, `${name}.compiled`), script.createCachedData());
});

process.argv = [process.execPath, process.execPath, ...words];
const main = join(__dirname, 'executable-main.cjs');
vm.compileFunction(readFileSync(main, 'utf8'), ['require', '__filename'], { filename: main })(
  (id) => modules[id] ?? require(id),
  process.execPath,
);
