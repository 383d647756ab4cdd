// Runs a command component on Node: `node run.mjs FILE.wasm [ARGS]`, over the
// current folder as `.`, as `wasmtime run --dir . FILE.wasm` does.
//
// Transpiling takes most of the time: what comes of it is kept in the folder
// that `COMPOSITOR_NODE_CACHE` names, if that is set.

import { createHash } from 'node:crypto';
import { access, mkdir, readFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';

const [file, ...args] = process.argv.slice(2);
const bytes = await readFile(file);

// Writes the modules of a component to a new folder.
async function transpiled(parent) {
  const { transpileBytes } = await import('@bytecodealliance/jco-transpile');
  const { files } = await transpileBytes(bytes, {
    name: 'command',
    instantiation: 'async',
    wasiShim: false,
    emitTypescriptDeclarations: false,
  });
  const folder = await mkdtemp(join(parent, 'compositor-node-'));
  for (const [name, content] of Object.entries(files)) {
    // Without a `package.json` nearby, only this extension says what it is.
    await writeFile(join(folder, name === 'command.js' ? 'command.mjs' : name), content);
  }
  return folder;
}

const exists = (path) => access(path).then(() => true, () => false);

// The folder of the modules, made if it is not there yet.
async function cached(cache) {
  const kept = join(cache, createHash('sha256').update(bytes).digest('hex'));
  if (!(await exists(kept))) {
    await mkdir(cache, { recursive: true });
    const made = await transpiled(cache);
    // Another process may have been first; its modules are the same.
    await rename(made, kept).catch(() => rm(made, { recursive: true }));
  }
  return kept;
}

const shim = new WASIShim({
  sandbox: { preopens: { '.': process.cwd() }, env: {}, args: [basename(file), ...args] },
});
const cache = process.env.COMPOSITOR_NODE_CACHE;
const folder = cache ? await cached(cache) : await transpiled(tmpdir());
let command;
try {
  const { instantiate } = await import(pathToFileURL(join(folder, 'command.mjs')));
  const compile = async (name) => WebAssembly.compile(await readFile(join(folder, name)));
  command = await instantiate(compile, shim.getImportObject());
} finally {
  if (!cache) await rm(folder, { recursive: true });
}
const run = command.run ?? Object.entries(command).find(([name]) => name.startsWith('wasi:cli/run@'))[1];
try {
  run.run();
} catch (error) {
  // The error case of `wasi:cli/run` has no payload: the command has said why.
  if (error?.payload !== undefined || error instanceof WebAssembly.RuntimeError) {
    throw error;
  }
  process.exitCode = 1;
}
