//! The page of `assay report`, from figures that were read off the chain.

use crate::{
    model_file::ModelFile,
    output::Output,
    report::{render, ModelQuality, ReportData},
};
use anyhow::Context as _;
use std::path::Path;

/// Writes the page of a pack's figures, with the quality that a model's file tells.
///
/// # Errors
///
/// When the model can't be read, or the page can't be written.
pub fn write(
    mut data: ReportData,
    model: Option<&Path>,
    out: &Path,
    output: &Output,
) -> anyhow::Result<()> {
    if let Some(path) = model {
        data.model = ModelFile::read(path)?.quality.as_ref().map(ModelQuality::from);
    }
    std::fs::write(out, render(&data)?)
        .with_context(|| format!("{}: can't be written", out.display()))?;
    let object = serde_json::json!({ "pack": data.pack, "report": out });
    output.result(&object, format!("report of pack {}: {}", data.pack, out.display()))
}
