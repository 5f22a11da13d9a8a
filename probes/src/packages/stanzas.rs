//! Paragraphs of `Name: value` lines, as dpkg and apt write them: deb822(5). They are read as a stream, because
//! the lists of a distribution are tens of megabytes.

use std::io::{self, BufRead, Read};

/// Longer lines are read in parts; the fields that are wanted are never that long.
const LINE_BYTES_MAX: u64 = 256 << 10;

/// The fields that are wanted of a paragraph; empty is absent.
#[derive(Debug, Default)]
pub struct Stanza {
    pub package: String,
    pub version: String,
    pub architecture: String,
    pub status: String,
}

impl Stanza {
    fn field(&mut self, line: &[u8]) -> Option<(&mut String, usize)> {
        let fields: [(&[u8], &mut String); 4] = [
            (b"Package:", &mut self.package),
            (b"Version:", &mut self.version),
            (b"Architecture:", &mut self.architecture),
            (b"Status:", &mut self.status),
        ];
        let mut matching = fields.into_iter().filter(|(name, _)| line.starts_with(name));
        matching.next().map(|(name, field)| (field, name.len()))
    }

    fn take(&mut self, line: &[u8]) {
        if let Some((field, length)) = self.field(line) {
            field.clear();
            field.push_str(String::from_utf8_lossy(&line[length..]).trim());
        }
    }

    fn clear(&mut self) {
        let fields = [&mut self.package, &mut self.version, &mut self.architecture, &mut self.status];
        fields.into_iter().for_each(String::clear);
    }
}

/// Shows each paragraph that has a package.
pub fn stanzas(mut reader: impl BufRead, mut each: impl FnMut(&Stanza)) -> io::Result<()> {
    let (mut stanza, mut line) = (Stanza::default(), Vec::new());
    loop {
        line.clear();
        let read = reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if read == 0 || line == b"\n" {
            if !stanza.package.is_empty() {
                each(&stanza);
            }
            stanza.clear();
        }
        if read == 0 {
            return Ok(());
        }
        stanza.take(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &[u8]) -> Vec<String> {
        let mut seen = Vec::new();
        let show = |stanza: &Stanza| {
            seen.push(format!(
                "{} {} {} {}",
                stanza.package, stanza.version, stanza.architecture, stanza.status
            ));
        };
        stanzas(text, show).unwrap();
        seen
    }

    #[test]
    fn paragraphs_with_a_package() {
        let text =
            b"Package: a\nStatus: install ok installed\nDescription: x\n Package: not\nVersion: 1-1\n\n\n\
            Version: 2\n\nPackage: b\nArchitecture: all\n";
        assert_eq!(seen(text), ["a 1-1  install ok installed", "b  all "]);
        assert!(seen(b"").is_empty() && seen(b"\xff\xfe\0").is_empty());
    }

    #[test]
    fn a_long_line_is_passed_over_in_parts() {
        let text = format!("Package: a\nDepends: {}\nVersion: 3\n", "x".repeat(1 << 20));
        assert_eq!(seen(text.as_bytes()), ["a 3  "]);
    }
}
