# Recipes are one line over `cargo xtask`, which holds the logic.

[private]
default:
    @just --list --unsorted

# Build everything, then lock, compose and run plans/hello
[group('see')]
demo:
    cargo xtask demo

# Build dist/compositor.wasm, dist/compositor-core.wasm, dist/composectl and dist/conformance-runner
[group('build')]
dist:
    cargo xtask dist

# Build components into dist/: core, command, store, standalone, guests; all without a name
[group('build')]
build *names:
    cargo xtask build {{ names }}

# Everything that has to hold: format, lints, all tests
[group('check')]
test:
    cargo xtask test

# The end-to-end tests whose names hold one of these words
[group('check')]
only +names:
    cargo xtask test {{ names }}

# The end-to-end tests that need servers, or runtimes of others: wasmtime, Node, Python
[group('check')]
services:
    cargo xtask test services

# Tests that make their inputs, with many of them; `just soak names --count 100000`
[group('check')]
soak *args:
    cargo xtask soak {{ args }}

# Take what the tests found as what is expected
[group('check')]
bless:
    cargo xtask test --bless

# The vectors on each host, or on one: composectl, wasmtime, node
[group('check')]
conformance *host:
    cargo xtask conformance {{ host }}

# Measure composing and running against peers, as ratios; all without a name
[group('check')]
bench *names:
    cargo xtask bench {{ names }}

# Look for inputs that break a property, for 600 s each; `just fuzz compose --seconds 60`
[group('check')]
fuzz *args:
    cargo xtask fuzz {{ args }}
