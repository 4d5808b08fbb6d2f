//! Graphs built by hand, and the files that `tests/onnx/make.py` made with three libraries.

mod build;
mod faults;
mod files;
mod graphs;
