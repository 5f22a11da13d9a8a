//! What configurations are rendered from: the host, the level, the frameworks, the profile and its tailoring.

use super::Chosen;
use crate::cli::{Failure, audit};
use crate::{catalogue, role};
use hostward_harden::check::{Check, Judgement, Level, Profile};
use hostward_harden::compliance::{Framework, Score, demands, score};
use hostward_harden::config::{Front, Host as Known, Library, Rendering, Role, Text, Wish};
use hostward_model::{Facts, Look, Wanted};
use hostward_probes::{Host, facts};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const FORWARDING: [&str; 1] = ["net.ipv4.ip_forward"];

/// What configurations are rendered from.
pub struct Ground {
    pub root: PathBuf,
    /// Whether programs below the root may be run: those of this host, or of an image that is trusted.
    pub trusted: bool,
    pub checks: Vec<Check>,
    pub frameworks: Vec<Framework>,
    pub library: Library,
    pub wish: Wish,
    /// What is rendered: all, or one.
    pub names: Vec<String>,
    /// Frameworks whose scores are shown: those that were asked for, or all.
    pub shown: BTreeSet<String>,
    pub facts: Facts,
    pub texts: BTreeMap<String, Text>,
}

impl Ground {
    pub fn new(chosen: &Chosen, target: Option<&str>) -> Result<Ground, Failure> {
        let directory = Path::new(catalogue::DIRECTORY);
        let library = catalogue::templates(directory).map_err(Failure::Usage)?;
        let checks = catalogue::checks(directory).map_err(Failure::Usage)?;
        let frameworks = catalogue::frameworks(directory).map_err(Failure::Usage)?;
        let role = role(chosen, directory)?;
        let asked: Vec<String> = role.frameworks.iter().cloned().collect();
        let named = audit::named(&frameworks, &asked)?;
        let demanding = if asked.is_empty() { &[] } else { named.as_slice() };
        let shown = named.iter().map(|own| own.id.clone()).collect();
        let wish = Wish {
            declared: role.declares.clone(),
            parameters: parameters(&role, chosen)?,
            ..Wish::new(role.level, demanding, &checks)
        };
        known(&library, &wish)?;
        let names = names(&library, target, &role)?;
        let trusted = chosen.trust || chosen.root == Path::new("/");
        let (root, facts, texts) = (chosen.root.clone(), Facts::default(), BTreeMap::new());
        let mut ground =
            Ground { root, trusted, checks, frameworks, library, wish, names, shown, facts, texts };
        ground.look()?;
        Ok(ground)
    }

    /// Reads the host.
    fn look(&mut self) -> Result<(), Failure> {
        self.facts = facts::collect(&Host::new(&self.root), &self.wanted());
        let patterns: BTreeSet<String> = self.fronts().flat_map(|front| front.reads.clone()).collect();
        let texts = facts::texts(&Host::new(&self.root), &patterns);
        let texts = texts.map_err(|fault| Failure::Failed(fault.to_string()))?;
        let text = |(path, own): (String, facts::FileText)| {
            (path, Text { path: own.path, text: own.text, mode: own.mode, link: own.link })
        };
        self.texts = texts.into_iter().map(text).collect();
        Ok(())
    }

    pub fn fronts(&self) -> impl Iterator<Item = &Front> {
        self.names.iter().filter_map(|name| self.library.front(name))
    }

    pub fn render(&self) -> Result<Vec<(&Front, Rendering)>, Failure> {
        let host = Known { facts: &self.facts, texts: &self.texts };
        let one = |front| Ok((front, self.library.render(front, &host, &self.wish).map_err(Failure::Usage)?));
        self.fronts().map(one).collect()
    }

    /// What is known of the host as it would be. What the kernel holds now is taken to be what is set, once it is loaded.
    pub fn collect(&self, top: &Path, rendered: &[(&Front, Rendering)]) -> Facts {
        let mut facts = facts::collect(&Host::new(top), &self.wanted());
        if rendered.iter().any(|(front, _)| front.name == "sysctl") {
            load(&mut facts);
        }
        facts
    }

    pub fn judge(&self, facts: &Facts) -> Vec<Judgement> {
        let profile = self.profile(&self.wish.frameworks);
        self.checks.iter().map(|check| check.judge(facts, &profile)).collect()
    }

    /// Each is scored by its own values: what another one asks for is no failure of this one.
    pub fn scores(&self, facts: &Facts) -> Vec<(&Framework, Score)> {
        let shown = self.frameworks.iter().filter(|own| self.shown.contains(&own.id));
        let one = |own: &Framework| {
            let profile = self.profile(std::slice::from_ref(&own.id));
            let judged: Vec<_> = self.checks.iter().map(|check| check.judge(facts, &profile)).collect();
            score(own, &judged)
        };
        shown.map(|own| (own, one(own))).collect()
    }

    fn profile(&self, names: &[String]) -> Profile {
        let asked: Vec<&Framework> = self.frameworks.iter().filter(|own| names.contains(&own.id)).collect();
        Profile { level: self.wish.level, declared: self.wish.declared.clone(), values: demands(&asked) }
    }

    fn wanted(&self) -> Wanted {
        let mut wanted = Wanted { parameters: FORWARDING.map(str::to_owned).into(), ..Wanted::default() };
        self.checks.iter().for_each(|check| wanted.extend(check.wants()));
        self.fronts().for_each(|front| wanted.extend(front.wants()));
        wanted
    }
}

fn role(chosen: &Chosen, directory: &Path) -> Result<Role, Failure> {
    let said = role::Said {
        profile: chosen.profile.as_deref(),
        level: chosen.level.map(Level::from),
        frameworks: &chosen.framework,
        declares: &chosen.declare,
    };
    role::role(directory, &said).map_err(Failure::Usage)
}

fn parameters(role: &Role, chosen: &Chosen) -> Result<BTreeMap<String, String>, Failure> {
    let mut parameters = role.parameters.clone();
    for text in &chosen.set {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| Failure::Usage(format!("--set {text}: expected TARGET.NAME=VALUE")))?;
        parameters.insert(name.to_owned(), value.to_owned());
    }
    Ok(parameters)
}

/// A parameter that nothing asks for would be a wish that nobody hears.
fn known(library: &Library, wish: &Wish) -> Result<(), Failure> {
    let unheard = wish.parameters.keys().find(|name| {
        let front = name.rsplit_once('.').and_then(|(target, own)| Some((library.front(target)?, own)));
        !front.is_some_and(|(front, own)| front.takes(own))
    });
    let said = |name: &String| {
        Err(Failure::Usage(format!("no template takes a parameter {name}; see hostward harden targets")))
    };
    unheard.map_or(Ok(()), said)
}

fn names(library: &Library, target: Option<&str>, role: &Role) -> Result<Vec<String>, Failure> {
    let all: Vec<String> = library.fronts().iter().map(|front| front.name.clone()).collect();
    match target {
        Some(name) if !all.iter().any(|own| own == name) => {
            Err(Failure::Usage(format!("no configuration is called {name}; there are {}", all.join(", "))))
        }
        Some(name) => Ok(vec![name.to_owned()]),
        None => Ok(all.into_iter().filter(|name| !role.leave.contains(name)).collect()),
    }
}

fn load(facts: &mut Facts) {
    let set: BTreeMap<String, String> = match facts.areas.get("sysctl") {
        Some(Look::Seen(set)) => set.iter().map(|fact| (fact.key.clone(), fact.value.clone())).collect(),
        _ => return,
    };
    if let Some(Look::Seen(running)) = facts.areas.get_mut("sysctl-running") {
        for fact in running {
            if let Some(value) = set.get(&fact.key) {
                fact.value.clone_from(value);
            }
        }
    }
}
