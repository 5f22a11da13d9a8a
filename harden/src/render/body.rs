//! The body of a playbook: bindings at its head, then code that the renderer never touches.
//!
//! A value may stand in one place only: a line `readonly NAME={{ input }}` before any code. Only blank lines and
//! comments can be around it there, so it can be inside no quotes, no here-document and no command; what
//! the code does with the variable is then the author's and shellcheck's business, and data stays data.

use super::error::{Flaw, quoted};
use super::front::is_name;
use super::input::Input;
use super::language::Language;

/// One line of the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A blank line or a comment.
    Fixed(String),
    /// A read-only variable and the index of the input that it holds.
    Binding { variable: String, input: usize },
}

/// Head and code.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub head: Vec<Line>,
    pub code: String,
}

/// Reads what follows the front matter; `first` is the 1-based line at which it starts.
pub(super) fn parse(text: &str, first: usize, language: &Language, inputs: &[Input]) -> Result<Body, Flaw> {
    let lines: Vec<_> = text.lines().skip(first - 1).collect();
    let mut head = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        match head_line(line, language, inputs).map_err(|message| Flaw::new(first + index, message))? {
            Some(parsed) => head.push(parsed),
            None => break,
        }
    }
    let code = &lines[head.len()..];
    refuse_expressions(code, first + head.len(), language)?;
    refuse_unbound(&head, inputs)?;
    refuse_rebound(&head, first)?;
    Ok(Body { head, code: code.iter().flat_map(|line| [*line, "\n"]).collect() })
}

/// A line of the head, or nothing where the code begins.
fn head_line(line: &str, language: &Language, inputs: &[Input]) -> Result<Option<Line>, String> {
    if line.trim().is_empty() || line.starts_with(language.comment.trim_end()) {
        return refuse_expression(line, language).map(|()| Some(Line::Fixed(line.to_owned())));
    }
    let (before, between) = language.binding;
    let Some((variable, value)) = line.strip_prefix(before).and_then(|rest| rest.split_once(between)) else {
        return Ok(None);
    };
    let Some(word) = value.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) else {
        return Ok(None);
    };
    if !is_name(variable) {
        return Err(format!("expected a variable of a-z 0-9 _, found {}", quoted(variable)));
    }
    let input = inputs.iter().position(|input| input.name == word.trim());
    let input = input.ok_or_else(|| undeclared(word.trim(), inputs))?;
    Ok(Some(Line::Binding { variable: variable.to_owned(), input }))
}

fn undeclared(word: &str, inputs: &[Input]) -> String {
    let declared: Vec<_> = inputs.iter().map(|input| input.name.as_str()).collect();
    let declared = if declared.is_empty() { "none".to_owned() } else { declared.join(", ") };
    format!(
        "{} is not a declared input (declared: {declared}); an expression is the name of one",
        quoted(word)
    )
}

fn refuse_expressions(code: &[&str], first: usize, language: &Language) -> Result<(), Flaw> {
    let mut lines = code.iter().enumerate();
    lines.try_for_each(|(index, line)| {
        refuse_expression(line, language).map_err(|message| Flaw::new(first + index, message))
    })
}

fn refuse_expression(line: &str, language: &Language) -> Result<(), String> {
    let pairs = [("{{", "}}"), ("{%", "%}")];
    let found = pairs.iter().find_map(|(open, close)| {
        let rest = &line[line.find(open)?..];
        Some(&rest[..rest.find(close)? + close.len()])
    });
    let Some(found) = found else { return Ok(()) };
    let (before, between) = language.binding;
    let advice =
        format!("bind it on a line of its own before the code: {before}name{between}{{{{ input }}}}");
    Err(format!("found {} where no value may stand; {advice}, and use the variable", quoted(found)))
}

fn refuse_unbound(head: &[Line], inputs: &[Input]) -> Result<(), Flaw> {
    let bound =
        |index| head.iter().any(|line| matches!(line, Line::Binding { input, .. } if *input == index));
    match (0..inputs.len()).find(|index| !bound(*index)) {
        None => Ok(()),
        Some(index) => {
            let name = &inputs[index].name;
            Err(Flaw::new(1, format!("input \"{name}\" is declared and never bound; bind it or remove it")))
        }
    }
}

/// A read-only variable that is set twice would end the script with an error on every host.
fn refuse_rebound(head: &[Line], first: usize) -> Result<(), Flaw> {
    let name =
        |line: &Line| if let Line::Binding { variable, .. } = line { Some(variable.clone()) } else { None };
    for (index, line) in head.iter().enumerate() {
        let Some(variable) = name(line) else { continue };
        if head[..index].iter().any(|earlier| name(earlier).as_ref() == Some(&variable)) {
            return Err(Flaw::new(first + index, format!("variable \"{variable}\" is bound a second time")));
        }
    }
    Ok(())
}
