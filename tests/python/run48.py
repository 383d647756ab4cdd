"""Runs a command component on PyPI's wasmtime: `python run48.py FILE.wasm [ARGS]`,
as `wasmtime run FILE.wasm` does, with nothing of the host but stdio.
"""

import os
import sys

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

file, *args = sys.argv[1:]
engine = Engine()
component = Component.from_file(engine, file)
linker = Linker(engine)
linker.add_wasip2()
wasi = WasiConfig()
wasi.argv = [os.path.basename(file), *args]
wasi.inherit_stdin()
wasi.inherit_stdout()
wasi.inherit_stderr()
store = Store(engine)
store.set_wasi(wasi)
instance = linker.instantiate(store, component)

exports = component.type.exports(engine)
command = next(name for name in exports if name.startswith("wasi:cli/run@0.2."))
interface = instance.get_export_index(store, command)
run = instance.get_func(store, instance.get_export_index(store, "run", interface))
result = run(store)
run.post_return(store)
sys.exit(0 if getattr(result, "tag", "ok") == "ok" else 1)
