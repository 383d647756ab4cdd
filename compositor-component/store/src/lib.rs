//! Blobs and trust in a folder, over wasi:filesystem.
