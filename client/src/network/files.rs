//! Writing a network's files: all or none, secrets with the rights of secrets.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// What only its owner may read.
const SECRET_MODE: u32 = 0o600;
/// A directory that only its owner may enter.
const SECRET_DIRECTORY_MODE: u32 = 0o700;
/// A script that everybody may run.
const SCRIPT_MODE: u32 = 0o755;
/// What everybody may read.
const PUBLIC_MODE: u32 = 0o644;

/// Why a file can't be made.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    #[error("{path}: {reason}")]
    Unwritable { path: PathBuf, reason: io::Error },
    #[error(
        "{path} holds something already, and nothing is overwritten: name a directory that is \
         absent or empty"
    )]
    Occupied { path: PathBuf },
    #[error("{path} is the current directory, which can't be replaced: name another one")]
    Current { path: PathBuf },
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> FileFault + '_ {
    move |reason| FileFault::Unwritable { path: path.into(), reason }
}

/// A directory that comes into being under another name.
pub struct Draft {
    folder: TempDir,
    target: PathBuf,
}

impl Draft {
    /// Begins a directory beside `target`, so that it can be renamed.
    ///
    /// # Errors
    /// `Occupied` when `target` is a file or holds anything, `Current` when it's where the process
    /// runs, `Unwritable` otherwise.
    pub fn begin(target: &Path) -> Result<Draft, FileFault> {
        let target = std::path::absolute(target).map_err(unwritable(target))?;
        check_vacant(&target)?;
        let parent = target.parent().unwrap_or(&target);
        fs::create_dir_all(parent).map_err(unwritable(parent))?;
        let folder = tempfile::Builder::new()
            .prefix(".assay-network-")
            .tempdir_in(parent)
            .map_err(unwritable(parent))?;
        Ok(Draft { folder, target })
    }

    /// Where to write meanwhile.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Gives the directory its name, and the name back.
    ///
    /// # Errors
    /// `Unwritable` when the system refuses, for instance since the name was taken meanwhile.
    pub fn finish(self) -> Result<PathBuf, FileFault> {
        fs::rename(self.folder.path(), &self.target).map_err(unwritable(&self.target))?;
        // Nothing is left under the first name.
        let _ = self.folder.keep();
        Ok(self.target)
    }
}

/// Whether a directory can be made, or is empty: known before anybody is asked for a passphrase.
///
/// # Errors
/// As [`Draft::begin`].
pub fn check_vacant(target: &Path) -> Result<(), FileFault> {
    let occupied = || FileFault::Occupied { path: target.into() };
    let here = std::env::current_dir().ok();
    if here.is_some() && target.canonicalize().ok() == here {
        return Err(FileFault::Current { path: target.into() });
    }
    match fs::read_dir(target) {
        Ok(mut entries) => entries.next().map_or(Ok(()), |_| Err(occupied())),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(reason) if reason.kind() == io::ErrorKind::NotADirectory => Err(occupied()),
        Err(reason) => Err(unwritable(target)(reason)),
    }
}

/// A new directory, and those above it, that only the owner may enter.
///
/// # Errors
/// `Unwritable` with the path.
pub fn secret_directory(path: &Path) -> Result<(), FileFault> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, SECRET_DIRECTORY_MODE);
    builder.create(path).map_err(unwritable(path))
}

/// A new file that everybody may read.
///
/// # Errors
/// `Unwritable` with the path, also when there is such a file already.
pub fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<(), FileFault> {
    write_as(path, contents.as_ref(), PUBLIC_MODE)
}

/// A new file that only its owner may read.
///
/// # Errors
/// As [`write`].
pub fn write_secret(path: &Path, contents: impl AsRef<[u8]>) -> Result<(), FileFault> {
    write_as(path, contents.as_ref(), SECRET_MODE)
}

/// A new file that everybody may run.
///
/// # Errors
/// As [`write`].
pub fn write_script(path: &Path, contents: impl AsRef<[u8]>) -> Result<(), FileFault> {
    write_as(path, contents.as_ref(), SCRIPT_MODE)
}

fn write_as(path: &Path, contents: &[u8], mode: u32) -> Result<(), FileFault> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let written = options.open(path).and_then(|mut file| file.write_all(contents));
    written.map_err(unwritable(path))
}
