//! Files that name other files: how deep and how many.

use super::image::Image;
use crate::Fault;

/// A file that is included deeper than this is most likely included by itself; the servers have bounds of 10 to 16.
const DEPTH_MAX: usize = 16;
/// Files that one configuration may consist of.
const FILES_MAX: usize = 1000;
/// Bytes that one configuration may have in all its files.
const BYTES_MAX: usize = 16 << 20;

/// The files of one configuration as they are read.
pub struct Includes<'i, 'h> {
    pub image: &'i Image<'h>,
    depth: usize,
    files: usize,
    bytes: usize,
}

impl<'i, 'h> Includes<'i, 'h> {
    pub fn new(image: &'i Image<'h>) -> Self {
        Includes { image, depth: 0, files: 0, bytes: 0 }
    }

    /// Reads `path` and shows its text; what is shown may come back with the files that it names.
    pub fn read(
        &mut self,
        path: &str,
        show: impl FnOnce(&mut Self, &str) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.files += 1;
        if self.depth == DEPTH_MAX {
            return Err(bound(path, &format!("included {DEPTH_MAX} files deep: does it include itself?")));
        }
        if self.files > FILES_MAX {
            return Err(bound(path, &format!("more than {FILES_MAX} files are included")));
        }
        let text = self.image.text(path)?;
        self.bytes += text.len();
        if self.bytes > BYTES_MAX {
            return Err(bound(path, &format!("more than {BYTES_MAX} bytes with what it includes")));
        }
        self.depth += 1;
        let shown = show(self, &text);
        self.depth -= 1;
        shown
    }
}

/// A path that starts at the directory of the configuration unless it says otherwise.
pub fn beside(directory: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{directory}/{path}") }
}

fn bound(path: &str, error: &str) -> Fault {
    super::image::refused(path, error)
}
