//! Every template, ready to be filled.

use super::artifact::{Remark, Rendering};
use super::draft::{Draft, Given};
use super::front::{Front, Shape};
use super::host::Host;
use super::keyed::merged;
use super::literal::Literal;
use super::target;
use super::wish::Wish;
use crate::check::{Level, fits};
use crate::content::ContentError;
use crate::render::comment::plain;
use hostward_model::Look;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Instructions that one rendering may take: a template of an administrator cannot loop for ever.
const INSTRUCTIONS_MAX: u64 = 1_000_000;

/// Every template, ready to be filled.
pub struct Library {
    fronts: Vec<Front>,
    environment: Environment<'static>,
}

impl Library {
    /// Reads templates, given as the name that errors give and the text; of one name the last counts.
    pub fn parse<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Library, ContentError> {
        let mut library = Library { fronts: Vec::new(), environment: environment() };
        for (file, text) in files {
            let (front, body) = Front::parse(file, text)?;
            let added = library.environment.add_template_owned(front.name.clone(), body.to_owned());
            added.map_err(|error| flaw(file, text.lines().count() - body.lines().count(), &error))?;
            library.fronts.retain(|own| own.name != front.name);
            library.fronts.push(front);
        }
        library.fronts.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(library)
    }

    /// What every template says about itself, by name.
    pub fn fronts(&self) -> &[Front] {
        &self.fronts
    }

    /// What the template of a name says about itself.
    pub fn front(&self, name: &str) -> Option<&Front> {
        self.fronts.iter().find(|own| own.name == name)
    }

    /// The names in a template that neither its front matter nor hostward gives a value.
    pub fn unknown_names(&self, front: &Front) -> BTreeSet<String> {
        let template = self.environment.get_template(&front.name);
        let used = template.map(|own| own.undeclared_variables(false)).unwrap_or_default();
        let own = |name: &String| front.kind(name).is_some() || target::FLAGS.contains(&name.as_str());
        used.into_iter().filter(|name| !own(name)).collect()
    }

    /// The configuration of a program for a host; an error is a mistake in the template or in a parameter.
    pub fn render(&self, front: &Front, host: &Host<'_>, wish: &Wish) -> Result<Rendering, String> {
        if !front.needs.is_empty() && !front.needs.iter().any(|path| host.has(path)) {
            let absent = Some(format!("{} is not on this host", front.needs.join(" or ")));
            return Ok(Rendering { target: front.name.clone(), absent, ..Rendering::default() });
        }
        let mut draft = Draft::new(self, front, host, wish);
        match target::prepare(&mut draft) {
            Ok(()) => {
                let main = draft.part("main")?;
                self.place(&mut draft, &main);
                modes(&mut draft);
                Ok(draft.finish(main))
            }
            Err(why) => {
                let refused = vec![Remark { what: front.title.clone(), why }];
                Ok(Rendering { target: front.name.clone(), refused, ..Rendering::default() })
            }
        }
    }

    fn place(&self, draft: &mut Draft<'_>, main: &str) {
        let path = draft.path.clone();
        let there = draft.host.texts.get(&path);
        let text = match draft.front.shape {
            Shape::DropIn | Shape::DropIns | Shape::Main | Shape::Bare | Shape::Modes => main.to_owned(),
            Shape::Merge => merged(there.map_or("", |own| &own.text), main, false),
            Shape::MergeEquals => merged(there.map_or("", |own| &own.text), main, true),
        };
        let merges = matches!(draft.front.shape, Shape::Merge | Shape::MergeEquals);
        let mode = there.filter(|_| merges).map_or(draft.front.mode(), |own| own.mode);
        let laid_by_target = matches!(draft.front.shape, Shape::Bare | Shape::DropIns);
        if !text.is_empty() && !laid_by_target {
            draft.file(&path, text, mode);
        }
    }

    /// A template filled with what was given.
    pub(super) fn fill(
        &self,
        front: &Front,
        part: &str,
        wish: &Wish,
        inputs: &BTreeMap<String, Given>,
    ) -> Result<String, String> {
        let mut context: BTreeMap<&str, Value> = BTreeMap::new();
        context.insert("moderate", Value::from(wish.level >= Level::Moderate));
        context.insert("strict", Value::from(wish.level >= Level::Strict));
        context.insert("part", Value::from(part));
        for (name, given) in inputs {
            context.insert(name, value(front, name, given)?);
        }
        let template = self.environment.get_template(&front.name).map_err(|error| said(front, &error))?;
        let body = template.render(Value::from(context)).map_err(|error| said(front, &error))?;
        let headed = matches!(front.shape, Shape::DropIn | Shape::DropIns | Shape::Main);
        Ok(if headed { head(front, wish) + &body } else { body })
    }
}

/// What exceeds its mode gives up what is too much.
fn modes(draft: &mut Draft<'_>) {
    let excepted = |path: &str| draft.front.except.iter().any(|pattern| fits(pattern, path));
    let mut found = Vec::new();
    for (pattern, limit) in draft.front.modes() {
        let files = draft.host.facts.files.get(pattern).and_then(Look::seen).map_or(&[][..], Vec::as_slice);
        let over = files.iter().filter(|file| file.mode & !limit != 0 && !excepted(&file.path));
        found.extend(over.map(|file| (file.path.clone(), file.mode, file.mode & limit)));
    }
    found.sort();
    found.dedup_by(|a, b| a.0 == b.0);
    for (path, now, mode) in found {
        draft.chmod(&path, now, mode);
    }
}

/// Nothing is built in: no filter could declare text safe, and only literals can be printed.
fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    // Delimiters are those that everybody knows; they cannot clash, so there is always a syntax.
    if let Ok(syntax) =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
    {
        environment.set_syntax(syntax);
    }
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_fuel(Some(INSTRUCTIONS_MAX));
    environment.set_formatter(print);
    environment
}

fn print(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.downcast_object_ref::<Literal>() {
        Some(literal) => out.write_str(literal.as_str()).map_err(Error::from),
        None => Err(Error::new(
            ErrorKind::BadEscape,
            format!("{} has no type and cannot be printed", value.kind()),
        )),
    }
}

fn value(front: &Front, name: &str, given: &Given) -> Result<Value, String> {
    let kind = || front.kind(name).ok_or_else(|| format!("{}: {name:?} is no input", front.name));
    let literal = |text: &String| {
        let literal = Literal::new(front.syntax, kind()?, text);
        literal.map(Value::from_object).map_err(|why| format!("{}.{name}: {why}", front.name))
    };
    match given {
        Given::Flag => Ok(Value::from(true)),
        Given::One(text) => literal(text),
        Given::Many(texts) => texts.iter().map(literal).collect::<Result<Vec<_>, _>>().map(Value::from),
    }
}

/// The comment at the head of a file. Every syntax that is rendered has it.
fn head(front: &Front, wish: &Wish) -> String {
    let mut text =
        format!("# Written by hostward: {} {}, level {}", front.name, front.version, wish.level.as_str());
    if !wish.frameworks.is_empty() {
        let _ = write!(text, ", for {}", plain(&wish.frameworks.join(", ")));
    }
    text + ".\n"
}

fn said(front: &Front, error: &Error) -> String {
    format!("template {}: {error:#}", front.name)
}

fn flaw(file: &str, above: usize, error: &Error) -> ContentError {
    let line = above + error.line().unwrap_or(1);
    ContentError {
        file: file.to_owned(),
        line,
        message: error.detail().unwrap_or("not a template").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostward_model::Facts;

    fn rendered(body: &str) -> Result<String, String> {
        let head = "#+ name = 'x'\n#+ title = 'X'\n#+ version = 1\n#+ path = '/etc/x.d/hostward'\n#+ mode = '0644'\n\
                    #+ shape = 'drop-in'\n#+ syntax = 'plain'\n#+ reload = 'true'\n#+ danger = 'low'\n\
                    #+ [values.n]\n#+ type = 'integer'\n#+ basic = '4'\n#+ about = 'N.'\n";
        let text = format!("{head}{body}");
        let library = Library::parse([("x.j2", text.as_str())]).map_err(|error| error.to_string())?;
        let (facts, texts) = (Facts::default(), BTreeMap::new());
        let host = Host { facts: &facts, texts: &texts };
        let rendering = library.render(&library.fronts()[0], &host, &Wish::default())?;
        Ok(rendering.main.lines().skip(1).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn only_typed_values_are_printed() {
        assert_eq!(rendered("n = {{ n }}\n{% if strict %}\nx\n{% endif %}\n"), Ok("n = 4".to_owned()));
        for body in [
            "{{ 'text' }}",
            "{{ part }}",
            "{{ n ~ ';' }}",
            "{{ 4 }}",
            "{{ missing }}",
            "{{ [n] }}",
            "{% set a = part %}{{ a }}",
        ] {
            let why = rendered(body).unwrap_err();
            assert!(why.contains("cannot be printed"), "{body}: {why}");
        }
    }

    #[test]
    fn nothing_is_built_in() {
        for body in [
            "{{ part | safe }}",
            "{{ n | e }}",
            "{{ range(3) }}",
            "{% autoescape true %}{{ part }}{% endautoescape %}",
        ] {
            assert!(rendered(body).is_err(), "{body}");
        }
        assert!(
            rendered("a\n{% if %}").unwrap_err().starts_with("x.j2:15: "),
            "{:?}",
            rendered("a\n{% if %}")
        );
    }
}
