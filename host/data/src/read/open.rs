//! What a file is, by its first bytes.

use super::bytes::Counted;
use super::utf8::Utf8;
use super::{Progress, ReadError, ReadOptions};
use crate::Said;
use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// The formats that can be read. CSV and JSON also packed with gzip.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Csv,
    /// An array of objects, or an object a line.
    Json,
    Xlsx,
}

/// A file ready to be read in its format.
pub(super) struct Opened {
    pub(super) path: PathBuf,
    pub(super) format: Format,
    pub(super) input: Input,
}

pub(super) enum Input {
    Text(Box<dyn Read>),
    Workbook(BufReader<Counted>),
}

const HEAD: usize = 4096;

pub(super) fn open(path: &Path, options: &ReadOptions, progress: &Progress) -> Result<Opened, ReadError> {
    let file = File::open(path).map_err(|e| broken(path, &e))?;
    let meta = file.metadata().map_err(|e| broken(path, &e))?;
    if !meta.is_file() {
        return Err(ReadError::new(
            path,
            0,
            Said::new("不是文件", "this is not a file"),
            Said::new("请给出一个 CSV、XLSX 或 JSON 文件", "Name a CSV, XLSX or JSON file"),
        ));
    }
    progress.total.store(meta.len(), Ordering::Relaxed);
    progress.done.store(0, Ordering::Relaxed);
    let mut counted = Counted::new(file, progress.clone());
    let head = take(&mut counted, path, HEAD)?;
    if head.is_empty() {
        return Err(empty(path));
    }
    counted.seek(SeekFrom::Start(0)).map_err(|e| broken(path, &e))?;
    if head.starts_with(b"PK\x03\x04") {
        if meta.len() > options.limits.workbook {
            return Err(ReadError::new(
                path,
                0,
                Said::new(
                    format!("工作簿有 {} 字节，上限是 {}", meta.len(), options.limits.workbook),
                    format!("the workbook has {} bytes, at most {} are read", meta.len(), options.limits.workbook),
                ),
                Said::new("请另存为 CSV：CSV 没有大小限制", "Save it as CSV, which has no limit of size"),
            ));
        }
        let input = Input::Workbook(BufReader::new(counted));
        return Ok(Opened { path: path.to_path_buf(), format: Format::Xlsx, input });
    }
    let (head, rest): (Vec<u8>, Box<dyn Read>) = if head.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = MultiGzDecoder::new(BufReader::new(counted));
        let head = take(&mut unpacked, path, HEAD)?;
        if head.is_empty() {
            return Err(empty(path));
        }
        (head, Box::new(unpacked))
    } else {
        let mut plain = BufReader::new(counted);
        let head = take(&mut plain, path, HEAD)?;
        (head, Box::new(plain))
    };
    refuse_other_types(path, &head)?;
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    let format = match text.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'[' | b'{') => Format::Json,
        Some(_) => Format::Csv,
        None => return Err(empty(path)),
    };
    let input = Input::Text(Box::new(Utf8::new(Cursor::new(head).chain(rest))));
    Ok(Opened { path: path.to_path_buf(), format, input })
}

/// Up to `n` bytes, fewer only at the end.
fn take(from: &mut dyn Read, path: &Path, n: usize) -> Result<Vec<u8>, ReadError> {
    let mut head = Vec::with_capacity(n);
    from.take(n as u64).read_to_end(&mut head).map_err(|e| broken(path, &e))?;
    Ok(head)
}

fn empty(path: &Path) -> ReadError {
    ReadError::new(
        path,
        0,
        Said::new("文件是空的", "the file is empty"),
        Said::new("请检查导出是否成功", "Check whether its export ran to the end"),
    )
}

fn refuse_other_types(path: &Path, head: &[u8]) -> Result<(), ReadError> {
    const KNOWN: [(&[u8], &str); 11] = [
        (b"\x89PNG", "PNG"),
        (b"\xff\xd8\xff", "JPEG"),
        (b"GIF8", "GIF"),
        (b"%PDF", "PDF"),
        (b"\xd0\xcf\x11\xe0", "XLS/DOC (Office 97–2003)"),
        (b"Rar!", "RAR"),
        (b"7z\xbc\xaf", "7z"),
        (b"\xfd7zXZ", "xz"),
        (b"BZh", "bzip2"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"\x7fELF", "ELF"),
    ];
    let known = KNOWN.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name);
    let utf16 = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let name = match known {
        Some(name) => name,
        None if utf16 => return Ok(()),
        None if head.contains(&0) => "binary",
        None => return Ok(()),
    };
    Err(ReadError::new(
        path,
        0,
        Said::new(
            format!("内容是 {name}，不是表格"),
            format!("the content is {name}, not a table, whatever its name says"),
        ),
        Said::new(
            "请给出 CSV、CSV.gz、XLSX 或 JSON；旧 XLS 请另存为 XLSX",
            "Give CSV, CSV.gz, XLSX or JSON; save an old XLS as XLSX",
        ),
    ))
}

/// An I/O error as people can use it.
pub(super) fn broken(path: &Path, e: &io::Error) -> ReadError {
    if let Some(bad) = e.get_ref().and_then(|inner| inner.downcast_ref::<super::utf8::NotUtf8>()) {
        return bad.clone().into_error(path);
    }
    match e.kind() {
        io::ErrorKind::NotFound => ReadError::new(
            path,
            0,
            Said::new("没有这个文件", "there is no such file"),
            Said::new("请检查路径", "Check the path"),
        ),
        io::ErrorKind::UnexpectedEof => ReadError::new(
            path,
            0,
            Said::new("压缩文件在结束之前断了", "the packed file ends before its end"),
            Said::new(
                "下载或复制没有完成：重新取得文件后再导入，已导入的行不会重复",
                "Its download or copy was cut: fetch it again and import again, rows already in are not doubled",
            ),
        ),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => ReadError::new(
            path,
            0,
            Said::new(format!("压缩数据已损坏（{e}）"), format!("the packed data is damaged ({e})")),
            Said::new("请重新取得文件", "Fetch the file again"),
        ),
        _ => ReadError::new(
            path,
            0,
            Said::new(format!("无法读取：{e}"), format!("it cannot be read: {e}")),
            Said::new("请检查权限和磁盘", "Check its permissions and the disk"),
        ),
    }
}
