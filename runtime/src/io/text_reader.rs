//! `read_text_file`: the lines of a file, or of the files of a folder, decompressed by their extension.

use super::lines::LineReader;
use super::{IoError, machine, path};
use arrow_array::StringViewArray;
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much of its input a reader has read, and how much there is.
#[derive(Debug, Default)]
pub struct Gauge {
    pub read: AtomicU64,
    /// Bytes of all files, as they are stored; 0 if nobody knows.
    pub total: AtomicU64,
}

pub struct TextReader {
    current: Option<(LineReader, Box<dyn Read + Send>)>,
    /// Files still to come.
    files: VecDeque<PathBuf>,
    gauge: Arc<Gauge>,
}

/// A file whose bytes are counted as they are read, compressed or not.
struct Counted {
    file: File,
    gauge: Arc<Gauge>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(out)?;
        self.gauge.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl TextReader {
    /// Opens a file, or the files directly in a folder, in the order of their names, but for those that begin with
    /// `.` or `_`. Fails if one of them isn't there or can't be read.
    pub fn open(path: &str) -> Result<TextReader, IoError> {
        let path = path::local(path)?;
        let metadata = fs::metadata(&path).map_err(|error| missing(&path, error))?;
        let files = if metadata.is_dir() { listed(&path)? } else { vec![path] };
        let gauge = Arc::new(Gauge::default());
        for file in &files {
            // Opened for a look only: a folder may hold more files than can be open at once. Not what can be read
            // but once, such as a pipe.
            if let Some(metadata) = fs::metadata(file).ok().filter(|metadata| metadata.is_file()) {
                File::open(file).map_err(machine(file.display()))?;
                gauge.total.fetch_add(metadata.len(), Ordering::Relaxed);
            }
        }
        Ok(TextReader { current: None, files: files.into(), gauge })
    }

    /// Tells how far it is, while it reads.
    pub fn gauge(&self) -> Arc<Gauge> {
        self.gauge.clone()
    }

    /// At most `rows` lines; `None` at the end. A batch holds lines of one file, about `bytes` of them.
    pub fn next_batch(&mut self, rows: usize, bytes: usize) -> Result<Option<StringViewArray>, IoError> {
        loop {
            if let Some((lines, source)) = &mut self.current {
                if let Some(batch) = lines.next(source.as_mut(), rows, bytes)? {
                    return Ok(Some(batch));
                }
                self.current = None;
            }
            let Some(file) = self.files.pop_front() else { return Ok(None) };
            let source = decompressed(&file, self.gauge.clone()).map_err(machine(file.display()))?;
            self.current = Some((LineReader::new(file.display().to_string()), source));
        }
    }
}

fn missing(path: &Path, error: io::Error) -> IoError {
    let what = path.display().to_string();
    match error.kind() {
        io::ErrorKind::NotFound => IoError::Target { what, why: "there is no such file or folder".to_owned() },
        _ => IoError::Machine { what, error },
    }
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, IoError> {
    let failed = machine(folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        let hidden = matches!(entry.file_name().as_encoded_bytes().first(), Some(b'.' | b'_'));
        if !hidden && !entry.path().is_dir() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn decompressed(path: &Path, gauge: Arc<Gauge>) -> io::Result<Box<dyn Read + Send>> {
    let file = Counted { file: File::open(path)?, gauge };
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("").to_ascii_lowercase();
    Ok(match extension.as_str() {
        "gz" | "gzip" => Box::new(flate2::read::MultiGzDecoder::new(file)),
        "deflate" => Box::new(flate2::read::ZlibDecoder::new(file)),
        "bz2" => Box::new(bzip2::read::MultiBzDecoder::new(file)),
        "xz" => Box::new(liblzma::read::XzDecoder::new_multi_decoder(file)),
        "zst" => Box::new(Zstd { file: io::BufReader::new(file), frame: None }),
        _ => Box::new(file),
    })
}

/// Zstandard frames, one after the other.
struct Zstd {
    file: io::BufReader<Counted>,
    frame: Option<ruzstd::decoding::FrameDecoder>,
}

impl Read for Zstd {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        use io::BufRead;
        use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
        let invalid = |error: ruzstd::decoding::errors::FrameDecoderError| {
            io::Error::new(io::ErrorKind::InvalidData, error.to_string())
        };
        loop {
            if self.frame.is_none() {
                if self.file.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                let mut frame = FrameDecoder::new();
                frame.reset(&mut self.file).map_err(invalid)?;
                self.frame = Some(frame);
            }
            let Some(frame) = &mut self.frame else { return Ok(0) };
            while frame.can_collect() < out.len() && !frame.is_finished() {
                let missing = out.len() - frame.can_collect();
                frame.decode_blocks(&mut self.file, BlockDecodingStrategy::UptoBytes(missing)).map_err(invalid)?;
            }
            let read = frame.read(out)?;
            if read > 0 || out.is_empty() {
                return Ok(read);
            }
            self.frame = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;
    use std::io::Write;

    fn read(path: &Path) -> Result<Vec<String>, String> {
        let text = |error: IoError| error.to_string();
        let mut reader = TextReader::open(&path.display().to_string()).map_err(text)?;
        let mut lines = Vec::new();
        while let Some(batch) = reader.next_batch(2, 5).map_err(text)? {
            lines.extend((0..batch.len()).map(|row| batch.value(row).to_owned()));
        }
        Ok(lines)
    }

    #[test]
    fn a_folder_is_read_in_the_order_of_names_without_hidden_files() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("b.txt", "3\n4"), ("a.txt", "1\n2\n"), (".x", "no"), ("_y", "no")] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        fs::create_dir(folder.path().join("inner")).unwrap();
        assert_eq!(read(folder.path()).unwrap(), ["1", "2", "3", "4"]);
    }

    #[test]
    fn files_are_decompressed_by_extension_members_and_all() {
        let folder = tempfile::tempdir().unwrap();
        let expected: Vec<String> = (0..1000).map(|n| format!("line {n}")).collect();
        let (first, second) = (expected[..500].join("\n") + "\n", expected[500..].join("\n"));
        let gz = folder.path().join("x.gz");
        let mut file = File::create(&gz).unwrap();
        for part in [&first, &second] {
            let mut encoder = flate2::write::GzEncoder::new(&mut file, flate2::Compression::fast());
            encoder.write_all(part.as_bytes()).unwrap();
            encoder.finish().unwrap();
        }
        assert_eq!(read(&gz).unwrap(), expected);
        let bz2 = folder.path().join("x.bz2");
        let mut encoder = bzip2::write::BzEncoder::new(File::create(&bz2).unwrap(), bzip2::Compression::fast());
        encoder.write_all((first.clone() + &second).as_bytes()).unwrap();
        encoder.finish().unwrap();
        assert_eq!(read(&bz2).unwrap(), expected);
        let xz = folder.path().join("x.xz");
        let mut encoder = liblzma::write::XzEncoder::new(File::create(&xz).unwrap(), 1);
        encoder.write_all((first.clone() + &second).as_bytes()).unwrap();
        encoder.finish().unwrap();
        assert_eq!(read(&xz).unwrap(), expected);
        let zst = folder.path().join("x.zst");
        let mut data = Vec::new();
        for part in [&first, &second] {
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            data.extend(ruzstd::encoding::compress_to_vec(part.as_bytes(), level));
        }
        fs::write(&zst, data).unwrap();
        assert_eq!(read(&zst).unwrap(), expected);
    }

    #[test]
    fn what_is_missing_or_cut_off_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let why = read(&folder.path().join("none.txt")).unwrap_err();
        assert!(why.contains("none.txt: there is no such file or folder"), "{why}");
        let cut = folder.path().join("cut.gz");
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"some text\n").unwrap();
        let data = encoder.finish().unwrap();
        fs::write(&cut, &data[..data.len() - 6]).unwrap();
        let why = read(&cut).unwrap_err();
        assert!(why.contains("cut.gz: "), "{why}");
    }
}
