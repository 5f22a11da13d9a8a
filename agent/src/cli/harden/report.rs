//! What rendering gives, for people and for programs.

mod json;

use super::{Ground, Measured};
use crate::cli::output::table;
use crate::visible::visible;
use hostward_harden::check::{Judgement, Verdict};
use hostward_harden::compliance::Score;
use hostward_harden::config::{Artifact, Choice, Front, Library, Plan, Remark, Rendering, Role, Step};
use hostward_probes::parser::Parsed;
pub use json::{plan_json, rendering_json, targets_json};

/// One configuration.
pub struct Shown<'r> {
    pub front: &'r Front,
    pub rendering: &'r Rendering,
    pub ground: &'r Ground,
    pub measured: &'r Result<Measured, String>,
    /// Which of those that were measured.
    pub at: usize,
}

/// All of them.
pub struct Whole<'r> {
    pub ground: &'r Ground,
    pub plan: &'r Plan<'r>,
    pub rendered: &'r [(&'r Front, Rendering)],
    pub before: &'r [Judgement],
    pub measured: &'r Result<Measured, String>,
}

pub fn targets(library: &Library, roles: &[Role]) -> String {
    let mut rows = vec![["target", "danger", "what", "where"].map(str::to_owned).to_vec()];
    rows.extend(library.fronts().iter().map(|own| {
        vec![own.name.clone(), own.danger.as_str().to_owned(), own.title.clone(), own.path.clone()]
    }));
    let mut profiles = vec![["profile", "level", "what"].map(str::to_owned).to_vec()];
    profiles.extend(
        roles.iter().map(|own| vec![own.name.clone(), own.level.as_str().to_owned(), own.about.clone()]),
    );
    format!("{}\n{}", table(&rows), table(&profiles))
}

pub fn rendering(shown: &Shown<'_>) -> String {
    let (front, own) = (shown.front, shown.rendering);
    let level = shown.ground.wish.level.as_str();
    let mut text = format!("{}: {}, level {level}\n", front.name, front.title);
    if let Some(absent) = &own.absent {
        return text + &format!("nothing to render: {absent}\n");
    }
    if own.artifacts.is_empty() && own.refused.is_empty() {
        text += "nothing changes\n";
    }
    text += &own.artifacts.iter().map(|own| format!("\n{}", artifact(own))).collect::<String>();
    text += &section("chosen", own.choices.iter().filter(|own| !own.asked.is_empty()).map(choice));
    text += &section("kept", own.kept.iter().map(remark));
    text += &section("refused", own.refused.iter().map(remark));
    text += &section("checks", checks(shown).into_iter());
    if !own.artifacts.is_empty() {
        text += &section("risks", front.risks.iter().cloned());
        text += &section("to apply it", std::iter::once(then(front).to_owned()));
        text +=
            &section("to undo it", own.artifacts.iter().map(Artifact::undo).chain([then(front).to_owned()]));
    }
    text + &section("parser", std::iter::once(parsed(front, shown.measured, shown.at)))
}

fn artifact(own: &Artifact) -> String {
    let diff: String = own.diff.lines().map(|line| format!("{}\n", visible(line))).collect();
    let sum = if own.sha256.is_empty() { String::new() } else { format!("sha256 {}\n", own.sha256) };
    format!("{diff}{sum}")
}

fn section(name: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| format!("  {}\n", visible(&line))).collect();
    if lines.is_empty() { lines } else { format!("\n{name}\n{lines}") }
}

fn remark(own: &Remark) -> String {
    format!("{}: {}", own.what, own.why)
}

fn choice(own: &Choice) -> String {
    let asked: Vec<_> = own.asked.iter().map(|(by, what)| format!("{by} asks for {what}")).collect();
    let unmet = if own.unmet.is_empty() {
        String::new()
    } else {
        format!("; CONFLICT: not what {} asks for", own.unmet.join(", "))
    };
    format!("{} = {}: {}{unmet}", own.name, own.value, asked.join("; "))
}

/// The checks that the template is for, and what they say now and then.
fn checks(shown: &Shown<'_>) -> Vec<String> {
    let before = shown.ground.judge(&shown.ground.facts);
    let own = shown.ground.checks.iter().zip(&before).enumerate();
    let own = own.filter(|(_, (check, _))| check.template.as_deref() == Some(&shown.front.name));
    own.map(|(at, (check, before))| {
        let then = shown.measured.as_ref().ok().map(|measured| measured.judgements[at].verdict.as_str());
        let then = then.unwrap_or("not measured");
        format!("{:<28}{} -> {then}", check.id, before.verdict.as_str())
    })
    .collect()
}

/// What the program's own parser said.
pub fn parsed(front: &Front, measured: &Result<Measured, String>, at: usize) -> String {
    let command = front.parser.join(" ");
    match measured.as_ref().map(|own| &own.parsed[at]) {
        Err(why) => format!("not validated: {why}"),
        Ok(None) if front.parser.is_empty() => "not validated: the program has no parser to ask".to_owned(),
        Ok(None) => "not validated: nothing was rendered".to_owned(),
        Ok(Some(Err(why))) => format!("not validated: {command}: {why}"),
        Ok(Some(Ok(Parsed { accepted, said }))) => {
            let verdict = if *accepted { "accepted" } else { "REFUSED" };
            let said = said.lines().map(str::trim).collect::<Vec<_>>().join(" | ");
            format!("{command}: {verdict} {said}").trim_end().to_owned()
        }
    }
}

pub fn plan(whole: &Whole<'_>) -> String {
    let mut text: String =
        whole.plan.steps.iter().enumerate().map(|(at, own)| step(whole, at, own)).collect();
    if text.is_empty() {
        text = "Nothing changes: everything that can be rendered is as it should be.\n".to_owned();
    }
    text += &section("to be done by hand", whole.plan.by_hand.iter().cloned());
    text += &section("would fail that passes now", whole.plan.broken.iter().cloned());
    let refused = whole
        .rendered
        .iter()
        .flat_map(|(front, own)| own.refused.iter().map(|own| format!("{}: {}", front.name, remark(own))));
    text += &section("refused", refused);
    let conflicts = whole.rendered.iter().flat_map(|(front, own)| {
        own.choices
            .iter()
            .filter(|own| !own.unmet.is_empty())
            .map(|own| format!("{}: {}", front.name, choice(own)))
    });
    text += &section("conflicts between frameworks", conflicts);
    format!("{text}\n{}", scores(whole))
}

/// What makes it count; files that are read anew each time say so with the command that does nothing.
fn then(front: &Front) -> &str {
    if front.reload == "true" { "nothing has to be reloaded" } else { &front.reload }
}

fn step(whole: &Whole<'_>, at: usize, own: &Step<'_>) -> String {
    let place = whole.rendered.iter().position(|(front, _)| front.name == own.front.name).unwrap_or(0);
    let paths: Vec<_> = own.rendering.artifacts.iter().map(|own| own.path.clone()).collect();
    let lines = [
        format!("changes   {}", paths.join(", ")),
        format!("fixes     {}", if own.fixes.is_empty() { "-".to_owned() } else { own.fixes.join(", ") }),
        format!(
            "remaining {}",
            if own.remaining.is_empty() { "-".to_owned() } else { own.remaining.join(", ") }
        ),
        format!("parser    {}", parsed(own.front, whole.measured, place)),
        format!("then      {}", then(own.front)),
    ];
    let risks = own.front.risks.iter().map(|risk| format!("risk      {risk}"));
    let lines: String =
        lines.into_iter().chain(risks).map(|line| format!("   {}\n", visible(&line))).collect();
    format!("{}. {} (danger: {})\n{lines}", at + 1, own.front.title, own.front.danger.as_str())
}

fn scores(whole: &Whole<'_>) -> String {
    let percent =
        |score: &Score| score.ratio().map_or("-".to_owned(), |ratio| format!("{:.0} %", ratio * 100.0));
    let before = whole.ground.scores(&whole.ground.facts);
    let mut rows = vec![["framework", "now", "predicted"].map(str::to_owned).to_vec()];
    let after = whole.measured.as_ref().ok().map(|own| &own.scores);
    rows.extend(before.iter().enumerate().map(|(at, (framework, score))| {
        let then = after.map_or("not measured".to_owned(), |all| percent(&all[at]));
        vec![format!("{} {}", framework.id, framework.version), percent(score), then]
    }));
    let failed = |all: &[Judgement]| all.iter().filter(|own| own.verdict == Verdict::Fail).count();
    let then = whole
        .measured
        .as_ref()
        .map_or_else(|why| format!("not measured: {why}"), |own| failed(&own.judgements).to_string());
    format!("{}\nchecks that fail: {} now, {then} then\n", table(&rows), failed(whole.before))
}
