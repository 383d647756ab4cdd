//! Tests of the store component by itself, over a folder of the disk.

mod blobs;
mod cache;
mod concurrent;
mod damage;
mod folder;
mod instance;
mod killed;
mod sandbox;
mod temporary;
mod trust;
