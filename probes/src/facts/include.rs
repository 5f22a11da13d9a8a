//! Files that name other files: how deep and how many.

use super::image::{Image, refused};
use crate::Fault;

/// A file that is included deeper than this is most likely included by itself; the servers have bounds of 10 to 16.
const DEPTH_MAX: usize = 16;
/// Files that one configuration may consist of.
const FILES_MAX: usize = 1000;

/// The files of one configuration as they are read.
pub struct Includes<'i, 'h> {
    pub image: &'i Image<'h>,
    /// The line that is being read, so that what is wrong with an include is told where it stands.
    pub line: usize,
    /// What a reader counts that has a bound of its own.
    pub things: usize,
    /// The files that are being read; each was included by the one before it.
    open: Vec<String>,
    files: usize,
}

impl<'i, 'h> Includes<'i, 'h> {
    pub fn new(image: &'i Image<'h>) -> Self {
        Includes { image, line: 0, things: 0, open: Vec::new(), files: 0 }
    }

    /// Reads `path` and shows its text; what is shown may come back with the files that it names.
    pub fn read(
        &mut self,
        path: &str,
        show: impl FnOnce(&mut Self, &str) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.files += 1;
        if self.open.len() == DEPTH_MAX {
            return Err(
                self.bound(path, &format!("files are included {DEPTH_MAX} deep: does it include itself?"))
            );
        }
        if self.files > FILES_MAX {
            return Err(self.bound(path, &format!("more than {FILES_MAX} files are included")));
        }
        let text = self.image.text(path)?;
        self.open.push(path.to_owned());
        let line = std::mem::take(&mut self.line);
        let shown = show(self, &text);
        self.line = line;
        self.open.pop();
        shown
    }

    /// What is wrong with including `path`, where it is included.
    fn bound(&self, path: &str, error: &str) -> Fault {
        let place = self.open.last().map_or(path.to_owned(), |own| format!("{own}:{}", self.line));
        refused(&place, &format!("{path}: {error}"))
    }
}

/// A path that starts at the directory of the configuration unless it says otherwise.
pub fn beside(directory: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{directory}/{path}") }
}
