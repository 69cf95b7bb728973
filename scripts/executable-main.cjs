// What a single executable runs: loads the plugin's chunks out of the executable, each when it is first required.
// One file with everything in it would be parsed whole at every start: 35 ms more (docs/performance.md).
const { posix } = require('node:path');
const { getAsset } = require('node:sea');
const { compileFunction } = require('node:vm');

const loaded = new Map();

function load(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const requireFrom = (id) => (id.startsWith('.') ? load(posix.join(posix.dirname(name), id)) : require(id));
  const run = compileFunction(getAsset(name, 'utf8'), ['exports', 'require', 'module', '__filename'], {
    filename: name,
  });
  run(module.exports, requireFrom, module, __filename);
  return module.exports;
}

load('kubectl-zeroloss.cjs');
