//! What scanners write, read into findings.
//!
//! ```text
//! bytes ── shape: what it looks like ── FORMATS: which it is ── a file here: records ──▶ Report of findings
//! ```
//!
//! A format is a file beside this one and a line in [`FORMATS`]. A file is understood whole or refused with the
//! place where it stops making sense: a scan that is only half read would close findings that are still there.

mod bandit;
mod fault;
mod grype;
mod json;
mod lynis;
mod npm;
mod nuclei;
mod osv;
mod pip;
mod report;
mod sarif;
mod semgrep;
mod shape;
mod trivy;
mod xccdf;
mod zap;

use fault::Fault;
pub use fault::ImportError;
pub use report::{FINDINGS_MAX, Report};
use shape::Shape;
use std::borrow::Cow;

/// The largest file that is read.
pub const FILE_BYTES_MAX: usize = 128 << 20;

/// A format of findings.
#[derive(Debug)]
pub struct Format {
    /// The word that names it.
    pub name: &'static str,
    /// Which programs write it, for people.
    pub about: &'static str,
    /// The one program that writes it; a format of many names it in each file.
    tool: Option<&'static str>,
    sniff: fn(&Shape) -> bool,
    read: fn(&str, &mut Report) -> Result<(), Fault>,
}

/// Every format; of two that a file looks like, the earlier one reads it.
pub static FORMATS: &[&Format] = &[
    &sarif::SARIF,
    &bandit::BANDIT,
    &semgrep::SEMGREP,
    &trivy::TRIVY,
    &grype::GRYPE,
    &npm::NPM,
    &pip::PIP,
    &zap::ZAP,
    &nuclei::NUCLEI,
    &osv::OSV,
    &xccdf::XCCDF,
    &lynis::LYNIS,
];

/// The format of that name.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.name == name)
}

/// Reads a file of findings; without a format it is found out by what the file looks like.
pub fn import(file: &str, bytes: &[u8], format: Option<&'static Format>) -> Result<Report, ImportError> {
    if bytes.len() > FILE_BYTES_MAX {
        let message = format!("larger than {FILE_BYTES_MAX} bytes; have the scanner look at parts");
        return Err(Fault::whole(message).within(file, ""));
    }
    let text = decoded(bytes).map_err(|fault| fault.within(file, &String::from_utf8_lossy(bytes)))?;
    read(&text, format).map_err(|fault| fault.within(file, &text))
}

fn read(text: &str, format: Option<&'static Format>) -> Result<Report, Fault> {
    let format = match format {
        Some(format) => format,
        None => recognised(text)?,
    };
    let mut report = Report::new(format.name);
    format.tool.into_iter().for_each(|tool| report.ran(tool));
    (format.read)(text, &mut report)?;
    Ok(report)
}

fn recognised(text: &str) -> Result<&'static Format, Fault> {
    let shape = Shape::of(text)?;
    FORMATS.iter().copied().find(|format| (format.sniff)(&shape)).ok_or_else(|| {
        let known: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
        Fault::whole(format!("{shape} is none of the known formats ({}); say which it is", known.join(", ")))
    })
}

/// Text that is not UTF-8 is refused where a standard says that it is UTF-8; a report in lines may quote any bytes.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, Fault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let strict =
        bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| b"{[<".contains(byte));
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) if strict => Err(Fault::at(error.valid_up_to(), "not UTF-8; save the file as UTF-8")),
        Err(_) => Ok(String::from_utf8_lossy(bytes)),
    }
}
