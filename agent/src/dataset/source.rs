//! Where the bytes of a file come from: as they are or compressed, from a path or from standard input.

use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};
use std::path::Path;

/// Stands for standard input.
pub const STDIN: &str = "-";

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const BUFFER_BYTES: usize = 64 << 10;

/// Plain text, wherever it comes from.
pub type Text = Box<dyn BufRead>;

/// Opens a file; what is compressed with gzip is known by its content, not by its name. An error says why it cannot be read.
pub fn open(path: &Path) -> Result<Text, String> {
    if path.as_os_str() == STDIN {
        return plain(Box::new(io::stdin())).map_err(|error| error.to_string());
    }
    if path.is_dir() {
        return Err("it is a directory; name a file in it".to_owned());
    }
    let opened = File::open(path).and_then(|file| plain(Box::new(file)));
    opened.map_err(|error| match error.kind() {
        ErrorKind::NotFound => "no such file".to_owned(),
        _ => error.to_string(),
    })
}

fn plain(mut source: Box<dyn Read>) -> io::Result<Text> {
    let mut head = Vec::new();
    source.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut head)?;
    let is_gzip = head == GZIP_MAGIC;
    let whole = BufReader::with_capacity(BUFFER_BYTES, Cursor::new(head).chain(source));
    if !is_gzip {
        return Ok(Box::new(whole));
    }
    Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(whole))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn read(bytes: Vec<u8>) -> io::Result<String> {
        let mut text = String::new();
        plain(Box::new(Cursor::new(bytes)))?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_is_known_by_its_content() {
        assert_eq!(read(b"1,2\n".to_vec()).unwrap(), "1,2\n");
        assert_eq!(read(b"1".to_vec()).unwrap(), "1");
        assert_eq!(read([gzip("1,2\n"), gzip("3,4\n")].concat()).unwrap(), "1,2\n3,4\n");
        assert!(read(gzip("1,2\n")[..12].to_vec()).is_err());
    }
}
