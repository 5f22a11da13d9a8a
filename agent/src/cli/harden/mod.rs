//! `hostward harden`: configurations for this host or an image of one, what they would change, and what would come of
//! it. Nothing is changed but the directory that `--out` names.

mod ground;
mod report;
mod tree;

use super::audit::Strictness;
use super::{Common, Failure, Found, Outcome, output};
use crate::{catalogue, trial};
use clap::{Args, Subcommand};
use ground::Ground;
use hostward_harden::check::Judgement;
use hostward_harden::compliance::Score;
use hostward_harden::config::{Front, Rendering, plan};
use hostward_probes::parser::{self, Parsed};
use std::path::{Path, PathBuf};

/// What `harden` can do.
#[derive(Subcommand)]
pub enum Harden {
    /// List the configurations that can be rendered, and the profiles.
    Targets,
    /// Render one configuration: what would change, what is kept and why, and what its own parser says.
    Render(Render),
    /// Render all of them: in which order, what they would fix, and the compliance that they would give.
    Plan(Plan),
}

/// What `harden render` takes.
#[derive(Args)]
pub struct Render {
    /// What to render, as `harden targets` lists it.
    target: String,
    #[command(flatten)]
    chosen: Chosen,
}

/// What `harden plan` takes.
#[derive(Args)]
pub struct Plan {
    #[command(flatten)]
    chosen: Chosen,
}

/// For which host, and how.
#[derive(Args)]
pub struct Chosen {
    /// Look at the host whose files lie there.
    #[arg(long, value_name = "DIR", default_value = "/", value_parser = super::directory)]
    root: PathBuf,
    /// How strictly [default: as the profile says, else moderate].
    #[arg(long, value_enum)]
    level: Option<Strictness>,
    /// What the host is for, as `harden targets` lists it; a level is taken, too.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Take the values that this framework asks for, and show its score; can be given again.
    #[arg(long, value_name = "NAME")]
    framework: Vec<String>,
    /// What the host serves, as web-server or router; can be given again.
    #[arg(long, value_name = "PURPOSE")]
    declare: Vec<String>,
    /// Give a value of a template, as sshd.max_auth_tries=2; can be given again.
    #[arg(long, value_name = "TARGET.NAME=VALUE")]
    set: Vec<String>,
    /// Run the parsers that lie below --root, too, as root with only their root changed: say so of an image that you trust.
    #[arg(long)]
    trust: bool,
    /// Write what would be changed below this directory, as a tree to deploy.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// What came of laying artifacts over the root.
pub struct Measured {
    /// What each parser said; nothing for one without a parser, an error when it could not be asked.
    pub parsed: Vec<Option<Result<Parsed, String>>>,
    /// What checks say then.
    pub judgements: Vec<Judgement>,
    /// Scores of the frameworks that are shown.
    pub scores: Vec<Score>,
}

/// Does what the command line says.
pub fn act(common: &Common, own: &Harden) -> Outcome {
    match own {
        Harden::Targets => targets(common),
        Harden::Render(render) => one(common, render),
        Harden::Plan(plan) => all(common, &plan.chosen),
    }
}

fn targets(common: &Common) -> Outcome {
    let directory = Path::new(catalogue::DIRECTORY);
    let library = catalogue::templates(directory).map_err(Failure::Usage)?;
    let roles = catalogue::roles(directory).map_err(Failure::Usage)?;
    output::either(common.format, &report::targets_json(&library, &roles), |_| {
        report::targets(&library, &roles)
    });
    Ok(Found::Well)
}

fn one(common: &Common, own: &Render) -> Outcome {
    let ground = Ground::new(&own.chosen, Some(&own.target))?;
    let rendered = ground.render()?;
    let measured = measure(&ground, &rendered);
    let (front, rendering) = &rendered[0];
    let shown = report::Shown { front, rendering, ground: &ground, measured: &measured, at: 0 };
    let json = report::rendering_json(&shown);
    output::either(common.format, &json, |_| report::rendering(&shown));
    write(&own.chosen, &ground, &rendered)?;
    let refused = rendering.absent.is_some() || (rendering.main.is_empty() && !rendering.refused.is_empty());
    let broken = measured.is_ok_and(|own| matches!(&own.parsed[0], Some(Ok(parsed)) if !parsed.accepted));
    Ok(if refused || broken { Found::Wrong } else { Found::Well })
}

fn all(common: &Common, own: &Chosen) -> Outcome {
    let ground = Ground::new(own, None)?;
    let rendered = ground.render()?;
    let before = ground.judge(&ground.facts);
    let measured = measure(&ground, &rendered);
    let after = measured.as_ref().map_or(&before, |own| &own.judgements);
    let plan = plan(&rendered, &ground.checks, &before, after);
    let whole = report::Whole {
        ground: &ground,
        plan: &plan,
        rendered: &rendered,
        before: &before,
        measured: &measured,
    };
    output::either(common.format, &report::plan_json(&whole), |_| report::plan(&whole));
    write(own, &ground, &rendered)?;
    Ok(if plan.steps.is_empty() { Found::Well } else { Found::Wrong })
}

/// Lays everything over the root, asks the parsers and the checks.
fn measure(ground: &Ground, rendered: &[(&Front, Rendering)]) -> Result<Measured, String> {
    let artifacts = rendered.iter().flat_map(|(_, own)| &own.artifacts);
    let entries: Vec<_> = artifacts.map(|own| (own.path.clone(), own.entry.clone())).collect();
    let made: Vec<String> = rendered.iter().flat_map(|(front, _)| front.directories.clone()).collect();
    trial::with(&ground.root, &entries, &made, |top| {
        let facts = ground.collect(top, rendered);
        let scores = ground.scores(&facts).into_iter().map(|(_, score)| score).collect();
        trial::give_kernel(top);
        let parsed = rendered.iter().map(|(front, own)| parse(ground, top, front, own)).collect();
        Measured { parsed, judgements: ground.judge(&facts), scores }
    })
}

fn parse(
    ground: &Ground,
    top: &Path,
    front: &Front,
    rendering: &Rendering,
) -> Option<Result<Parsed, String>> {
    if front.parser.is_empty() || rendering.absent.is_some() || rendering.main.is_empty() {
        return None;
    }
    if !ground.trusted {
        return Some(Err("programs of an image are not run unless --trust says so".to_owned()));
    }
    Some(parser::parse(top, &front.parser).map_err(|fault| fault.to_string()))
}

fn write(own: &Chosen, ground: &Ground, rendered: &[(&Front, Rendering)]) -> Result<(), Failure> {
    match &own.out {
        Some(out) => tree::write(out, &ground.root, rendered).map_err(Failure::Failed),
        None => Ok(()),
    }
}
