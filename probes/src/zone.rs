//! The time zone of a host, from the compiled form that `/etc/localtime` has (TZif, RFC 9636).
//!
//! The standard library knows no zones, and a C library's answer would be about the root of this process.

mod rule;

/// What clocks on the wall show at some instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Abbreviation: `CET`, `-03`.
    pub name: String,
    /// Seconds east of Greenwich.
    pub offset_seconds: i32,
}

impl Zone {
    /// The zone of a host that has not been told one.
    pub fn utc() -> Self {
        Zone { name: "UTC".to_owned(), offset_seconds: 0 }
    }
}

/// The zone at `now` (Unix seconds); nothing when `file` is not a time zone.
pub fn at(file: &[u8], now: i64) -> Option<Zone> {
    let first = Block::read(file, 4)?;
    if first.version == 0 {
        return first.at(now);
    }
    // Later versions repeat everything with 64 bits, and end with the rule for the time after the table.
    let block = Block::read(first.rest, 8)?;
    let footer = block.rest.strip_prefix(b"\n")?.split(|byte| *byte == b'\n').next()?;
    if now < block.last_time()? {
        return block.at(now);
    }
    std::str::from_utf8(footer).ok().and_then(|rule| rule::at(rule, now)).or_else(|| block.at(now))
}

/// A header and its tables: when the zone changed, to what, and what that is called.
struct Block<'a> {
    version: u8,
    width: usize,
    times: &'a [u8],
    kinds: &'a [u8],
    types: &'a [u8],
    names: &'a [u8],
    rest: &'a [u8],
}

const HEADER_BYTES: usize = 44;
/// Offset (4), daylight saving or not (1), start of the name (1).
const TYPE_BYTES: usize = 6;

impl<'a> Block<'a> {
    fn read(file: &'a [u8], width: usize) -> Option<Self> {
        let (header, rest) = file.split_at_checked(HEADER_BYTES)?;
        let version = *header.strip_prefix(b"TZif")?.first()?;
        let counts: Vec<usize> =
            header[20..].chunks_exact(4).map(|bytes| big_endian(bytes) as u32 as usize).collect();
        let [utc_marks, std_marks, leaps, times, types, names] = counts[..] else { return None };
        let (time_bytes, rest) = rest.split_at_checked(times * width)?;
        let (kinds, rest) = rest.split_at_checked(times)?;
        let (types, rest) = rest.split_at_checked(types * TYPE_BYTES)?;
        let (names, rest) = rest.split_at_checked(names)?;
        let (_, rest) = rest.split_at_checked(leaps * (width + 4) + std_marks + utc_marks)?;
        Some(Block { version, width, times: time_bytes, kinds, types, names, rest })
    }

    /// The last change in the table; a zone that never changed follows its rule from the beginning.
    fn last_time(&self) -> Option<i64> {
        Some(self.times.chunks_exact(self.width).next_back().map_or(i64::MIN, big_endian))
    }

    fn at(&self, now: i64) -> Option<Zone> {
        let times = self.times.chunks_exact(self.width);
        let passed = times.take_while(|time| big_endian(time) <= now).count();
        let kind = if passed == 0 { 0 } else { usize::from(*self.kinds.get(passed - 1)?) };
        let kind = self.types.chunks_exact(TYPE_BYTES).nth(kind)?;
        let name = self.names.get(usize::from(kind[5])..)?.split(|byte| *byte == 0).next()?;
        let name = String::from_utf8_lossy(name).into_owned();
        Some(Zone { name, offset_seconds: big_endian(&kind[..4]) as i32 })
    }
}

/// A signed number of four or eight bytes.
fn big_endian(bytes: &[u8]) -> i64 {
    let start = if bytes.first().is_some_and(|byte| *byte >= 0x80) { -1 } else { 0 };
    bytes.iter().fold(start, |value, byte| value << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// `changes` are times and indices into `types`; a type is offset and start of its name.
    fn block(version: u8, width: usize, changes: &[(i64, u8)], types: &[(i32, u8)], names: &str) -> Vec<u8> {
        let mut bytes = [b"TZif".as_slice(), &[version], &[0; 15 + 12]].concat();
        for count in [changes.len(), types.len(), names.len()] {
            bytes.extend((count as u32).to_be_bytes());
        }
        changes.iter().for_each(|(time, _)| bytes.extend(&time.to_be_bytes()[8 - width..]));
        bytes.extend(changes.iter().map(|(_, kind)| *kind));
        types
            .iter()
            .for_each(|(offset, name)| bytes.extend([&offset.to_be_bytes()[..], &[0, *name]].concat()));
        bytes.extend(names.bytes());
        bytes
    }

    fn shown(file: &[u8], now: i64) -> String {
        at(file, now).map_or("none".to_owned(), |zone| format!("{} {}", zone.name, zone.offset_seconds))
    }

    const TYPES: [(i32, u8); 2] = [(-12_600, 0), (3600, 4)];

    #[test]
    fn the_last_change_that_has_passed_counts() {
        let old = block(0, 4, &[(-5, 1), (100, 0)], &TYPES, "NST\0CET\0");
        assert_eq!(shown(&old, -6), "NST -12600");
        assert_eq!(shown(&old, -5), "CET 3600");
        assert_eq!(shown(&old, 99), "CET 3600");
        assert_eq!(shown(&old, 100), "NST -12600");
    }

    #[test]
    fn after_the_table_the_rule_counts() {
        let mut file = block(b'2', 4, &[], &[(0, 0)], "UTC\0");
        file.extend(block(b'2', 8, &[(100, 1)], &TYPES, "NST\0CET\0"));
        assert_eq!(shown(&[&file, "\nEET-2\n".as_bytes()].concat(), 99), "NST -12600");
        assert_eq!(shown(&[&file, "\nEET-2\n".as_bytes()].concat(), 100), "EET 7200");
        assert_eq!(shown(&[&file, "\n\n".as_bytes()].concat(), 100), "CET 3600");
    }

    #[test]
    fn a_torn_file_is_no_zone() {
        let whole = block(0, 4, &[(-5, 1)], &TYPES, "NST\0CET\0");
        assert_eq!(shown(&whole, 0), "CET 3600");
        for length in 0..whole.len() - "NST\0CET\0".len() {
            assert_eq!(shown(&whole[..length], 0), "none", "{length} bytes");
        }
        // Counts beyond the end of the file, which were once read as negative.
        let huge = [&whole[..20], &[0xff; 24], &whole[44..]].concat();
        assert_eq!(shown(&huge, 0), "none");
        assert_eq!(shown(b"TZif with nothing of the kind in it, but long enough", 0), "none");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200), at_byte in 0..200usize, now in -1i64 << 40..1 << 40) {
            let mut file = block(b'2', 4, &[], &[(0, 0)], "UTC\0");
            file.extend(block(b'2', 8, &[(100, 1)], &TYPES, "NST\0CET\0"));
            file.truncate(at_byte);
            file.extend(&bytes);
            at(&file, now);
        }

        #[test]
        fn no_rule_panics(rule in "[A-Z<>]{3,4}-?[0-9:]{1,9}([A-Z]{3},(M|J|)[0-9./:]{0,12},(M|J|)[0-9./:-]{0,12})?", now in -1i64 << 40..1 << 40) {
            rule::at(&rule, now);
        }
    }
}
