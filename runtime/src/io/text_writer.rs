//! `write_as_text`: a file, or a folder with one file for each subtask, that appears under its name when it is whole.

use super::{IoError, machine, path};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

pub struct TextWriter {
    /// One per subtask.
    parts: Vec<BufWriter<File>>,
    target: PathBuf,
    /// Where it is written until it is whole; `None` for what can only be written directly, such as a pipe.
    temporary: Option<PathBuf>,
}

/// Looks whether a target can be written, and changes nothing.
pub fn check(path: &str, overwrite: bool) -> Result<(), IoError> {
    let target = path::local(path)?;
    if !overwrite && target.symlink_metadata().is_ok() && !is_special(&target) {
        let why = "it is there already; use WriteMode.OVERWRITE to replace it".to_owned();
        return Err(IoError::Target { what: target.display().to_string(), why });
    }
    if target.file_name().is_none() {
        let why = "it is not the name of a file".to_owned();
        return Err(IoError::Target { what: target.display().to_string(), why });
    }
    Ok(())
}

/// True for what is neither a file nor a folder: a device or a pipe, which is written as it is.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

impl TextWriter {
    /// Begins to write beside the target, whose missing parent folders are made.
    pub fn open(path: &str, overwrite: bool, subtasks: usize) -> Result<TextWriter, IoError> {
        check(path, overwrite)?;
        let target = path::local(path)?;
        let failed = machine(target.display().to_string());
        if is_special(&target) && subtasks == 1 {
            let file = File::options().write(true).open(&target).map_err(failed)?;
            return Ok(TextWriter { parts: vec![BufWriter::new(file)], target, temporary: None });
        }
        if let Some(parent) = target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(|error| match parent.ancestors().find(|folder| folder.is_file()) {
                Some(file) => {
                    IoError::Target { what: file.display().to_string(), why: "it is a file, not a folder".to_owned() }
                }
                None => machine(parent.display())(error),
            })?;
        }
        let temporary = temporary(&target);
        let create = |path: &Path| File::create(path).map(BufWriter::new).map_err(&failed);
        let parts = if subtasks == 1 {
            vec![create(&temporary)?]
        } else {
            fs::create_dir_all(&temporary).map_err(&failed)?;
            (1..=subtasks).map(|subtask| create(&temporary.join(subtask.to_string()))).collect::<Result<_, _>>()?
        };
        Ok(TextWriter { parts, target, temporary: Some(temporary) })
    }

    /// Writes for a subtask, from 0.
    pub fn write(&mut self, subtask: usize, data: &[u8]) -> Result<(), IoError> {
        self.parts[subtask].write_all(data).map_err(machine(self.target.display()))
    }

    /// Gives the whole its name, in the place of what had it.
    pub fn publish(mut self) -> Result<(), IoError> {
        let failed = machine(self.target.display().to_string());
        for part in &mut self.parts {
            part.flush().map_err(&failed)?;
        }
        self.parts.clear();
        let Some(temporary) = self.temporary.take() else { return Ok(()) };
        // A file takes a file's place in one step. Nothing else can, so that goes first.
        let whole = fs::metadata(&temporary).map_err(&failed)?;
        match fs::symlink_metadata(&self.target) {
            Ok(before) if before.is_dir() => fs::remove_dir_all(&self.target).map_err(&failed)?,
            Ok(_) if whole.is_dir() => fs::remove_file(&self.target).map_err(&failed)?,
            _ => {}
        }
        fs::rename(&temporary, &self.target).map_err(failed)
    }

    /// Removes what was written.
    pub fn discard(mut self) {
        self.remove();
    }

    fn remove(&mut self) {
        // Closed first, and without writing the rest.
        self.parts.drain(..).for_each(|part| drop(part.into_parts()));
        if let Some(temporary) = self.temporary.take() {
            // There is nobody to tell any more, and an earlier error is on its way.
            let _ = if temporary.is_dir() { fs::remove_dir_all(&temporary) } else { fs::remove_file(&temporary) };
        }
    }
}

impl Drop for TextWriter {
    fn drop(&mut self) {
        self.remove();
    }
}

/// A hidden name beside the target, of this process.
fn temporary(target: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("deep/out.txt").display().to_string();
        let mut writer = TextWriter::open(&target, false, 1).unwrap();
        writer.write(0, b"1\n").unwrap();
        assert!(!Path::new(&target).exists());
        writer.publish().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "1\n");
        let why = check(&target, false).unwrap_err().to_string();
        assert!(why.contains("WriteMode.OVERWRITE"), "{why}");
        TextWriter::open(&target, true, 1).unwrap().discard();
        assert_eq!(fs::read_to_string(&target).unwrap(), "1\n");
        assert_eq!(names(&folder.path().join("deep")), ["out.txt"]);
    }

    #[test]
    fn several_subtasks_write_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        fs::write(&path, "a file before").unwrap();
        let mut writer = TextWriter::open(&path.display().to_string(), true, 2).unwrap();
        writer.write(1, b"x\n").unwrap();
        writer.publish().unwrap();
        assert_eq!(names(&path), ["1", "2"]);
        assert_eq!(fs::read_to_string(path.join("2")).unwrap(), "x\n");
        TextWriter::open(&path.display().to_string(), true, 1).unwrap().publish().unwrap();
        assert!(path.is_file());
        assert_eq!(names(folder.path()), ["out"]);
    }
}
