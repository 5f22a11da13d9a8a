//! One array of `/proc/mdstat`: the line that names it, and those below.

/// A word that makes no sense, and what was expected instead.
type Odd<'a> = (&'a str, &'static str);

/// What the table says of an array.
#[derive(Debug, Default)]
pub struct Array<'a> {
    pub name: &'a str,
    state: &'a str,
    /// RAID 0 and linear: all members are needed, and there is no count of them.
    is_striped: bool,
    members: f64,
    pub failed: f64,
    pub spare: f64,
    pub blocks: Option<f64>,
    /// Active and required.
    counted: Option<(f64, f64)>,
    action: Option<Action>,
}

/// What is being done to an array, and how far it is.
#[derive(Debug, Clone, Copy)]
struct Action {
    name: &'static str,
    /// Nothing where the kernel does not say.
    blocks: Option<f64>,
}

/// The kernel's words and those of the metric.
const ACTIONS: [(&str, &str); 4] =
    [("recovery", "recovering"), ("resync", "resync"), ("check", "check"), ("reshape", "reshape")];

impl<'a> Array<'a> {
    /// `md6 : active (read-only) raid1 sdb2[2](F) sdc[1](S) sda2[0]`; nothing for a line that names no array.
    pub fn begin(line: &'a str) -> Result<Option<Self>, Odd<'a>> {
        let mut words = line.split_whitespace();
        let Some(name) = words.next() else { return Ok(None) };
        if ["Personalities", "unused"].contains(&name) || line.starts_with([' ', '\t']) {
            return Ok(None);
        }
        if words.next() != Some(":") {
            return Err((name, "the name of an array and a colon"));
        }
        let state = words.next().ok_or((name, "the state of an array"))?;
        let mut array = Array { name, state, ..Array::default() };
        words.for_each(|word| array.take_word(word));
        Ok(Some(array))
    }

    fn take_word(&mut self, word: &str) {
        if !word.contains('[') {
            self.is_striped |= ["raid0", "linear"].contains(&word);
            return;
        }
        self.members += 1.0;
        self.failed += f64::from(word.contains("(F)"));
        self.spare += f64::from(word.contains("(S)"));
    }

    /// A line below: the size, how far a rebuild is, or the bitmap.
    pub fn take(&mut self, line: &'a str) -> Result<(), Odd<'a>> {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or("");
        if self.blocks.is_none() {
            self.blocks = Some(count(first, first)?);
            return words.filter(|word| word.contains('/')).try_for_each(|word| self.take_counted(word));
        }
        if let Some((name, state)) =
            first.split_once('=').and_then(|(word, when)| Some((action(word)?, when)))
        {
            // A resync that waits for another has done nothing yet; one that runs elsewhere is not known.
            let blocks = ["DELAYED", "PENDING"].contains(&state).then_some(0.0);
            self.action = Some(Action { name, blocks });
        } else if let Some(name) = words.next().and_then(action) {
            // What is being done is known even where the numbers make no sense.
            self.action = Some(Action { name, blocks: None });
            let word = words.find(|word| word.starts_with('(')).unwrap_or("");
            let done = word.trim_matches(['(', ')']).split('/').next().unwrap_or("");
            self.action = Some(Action { name, blocks: Some(count(done, word)?) });
        }
        Ok(())
    }

    /// `[2/1]`: required, then active. `external:/md127/0` has slashes, too.
    fn take_counted(&mut self, word: &'a str) -> Result<(), Odd<'a>> {
        let inner = word.strip_prefix('[').and_then(|word| word.strip_suffix(']'));
        if let Some((required, active)) = inner.and_then(|inner| inner.split_once('/')) {
            self.counted = Some((count(active, word)?, count(required, word)?));
        }
        Ok(())
    }

    /// Active and required; an inactive array has neither.
    pub fn disks(&self) -> Option<(f64, f64)> {
        match self.state {
            _ if self.is_striped => Some((self.members, self.members)),
            "inactive" => Some((0.0, 0.0)),
            _ => self.counted,
        }
    }

    /// The value of the `state` label that holds.
    pub fn doing(&self) -> &str {
        self.action.map_or(self.state, |action| action.name)
    }

    /// All blocks unless something is being done.
    pub fn synced(&self) -> Option<f64> {
        self.action.map_or(self.blocks, |action| action.blocks)
    }
}

fn action(word: &str) -> Option<&'static str> {
    ACTIONS.iter().find(|(own, _)| *own == word).map(|(_, name)| *name)
}

fn count<'a>(digits: &str, word: &'a str) -> Result<f64, Odd<'a>> {
    digits.parse::<u64>().map(|count| count as f64).map_err(|_| (word, "a number of blocks or disks"))
}
