// Runs a command component on Node: `node run.mjs FILE.wasm [ARGS]`, over the
// current folder as `.`, as `wasmtime run --dir . FILE.wasm` does.

import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transpileBytes } from '@bytecodealliance/jco-transpile';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';

const [file, ...args] = process.argv.slice(2);
const { files } = await transpileBytes(await readFile(file), {
  name: 'command',
  instantiation: 'async',
  wasiShim: false,
  emitTypescriptDeclarations: false,
});

// The module must be a file to be imported; the core modules need not.
const folder = await mkdtemp(join(tmpdir(), 'compositor-node-'));
let instantiate;
try {
  // Without a `package.json` nearby, only this extension says what it is.
  const module = join(folder, 'command.mjs');
  await writeFile(module, files['command.js']);
  ({ instantiate } = await import(pathToFileURL(module)));
} finally {
  await rm(folder, { recursive: true });
}

const shim = new WASIShim({
  sandbox: { preopens: { '.': process.cwd() }, env: {}, args: [basename(file), ...args] },
});
const compile = (path) => WebAssembly.compile(files[path]);
const command = await instantiate(compile, shim.getImportObject());
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
