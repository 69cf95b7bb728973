// What a single executable runs: loads the plugin's chunks out of the executable, each when it is first required.
// Chunks that start together lie in one script, a pack (scripts/build/packs.ts), and beside it lies what V8 compiled of it when
// the build ran it (scripts/build/compiled-code.ts). Code that another build of Node or another processor compiled is refused
// by V8, which then compiles for itself: slower, and the same otherwise.
const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

// Node starts with a fixed seed (scripts/build/start-flags.ts), and Math.random would give every process the same numbers: pauses
// that are there to keep clients apart would bring them together.
const RANDOM_STEPS = 2 ** 47;
Math.random = () => require('node:crypto').randomInt(RANDOM_STEPS) / RANDOM_STEPS;

const bytes = (name) => Buffer.from(getRawAsset(name));
const { packOf, compiled } = JSON.parse(bytes('index.json').latin1Slice());
const packs = new Map();
const loaded = new Map();

function open(name) {
  const known = packs.get(name);
  if (known !== undefined) return known;
  const cachedData = compiled.includes(name) ? bytes(`${name}.compiled`) : undefined;
  const pack = new Script(bytes(name).latin1Slice(), { filename: name, cachedData }).runInThisContext();
  packs.set(name, pack);
  return pack;
}

function load(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const requireFrom = (id) => (id.startsWith('.') ? load(id.slice(id.lastIndexOf('/') + 1)) : require(id));
  open(packOf[name])[name](module.exports, requireFrom, module, __filename);
  return module.exports;
}

load('kubectl-zeroloss.cjs');
