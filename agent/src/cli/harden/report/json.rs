//! What rendering gives, for programs.

use super::{Shown, Whole, parsed};
use hostward_harden::config::{Artifact, Choice, Entry, Front, Library, Remark, Rendering, Role};
use serde_json::{Value, json};

pub fn targets_json(library: &Library, roles: &[Role]) -> Value {
    let parameter = |front: &Front| {
        let values = front.values.iter().map(|(name, own)| (name, &own.about));
        let inputs = front.inputs.iter().map(|(name, own)| (name, &own.about));
        let all = values.chain(inputs).chain(&front.options);
        all.map(|(name, about)| (format!("{}.{name}", front.name), json!(about)))
            .collect::<serde_json::Map<_, _>>()
    };
    let target = |own: &Front| {
        json!({
            "name": own.name,
            "title": own.title,
            "version": own.version,
            "path": own.path,
            "danger": own.danger.as_str(),
            "risks": own.risks,
            "parameters": parameter(own),
        })
    };
    let role = |own: &Role| json!({ "name": own.name, "about": own.about, "level": own.level.as_str(), "declares": own.declares, "frameworks": own.frameworks });
    json!({
        "targets": library.fronts().iter().map(target).collect::<Vec<_>>(),
        "profiles": roles.iter().map(role).collect::<Vec<_>>(),
    })
}

pub fn rendering_json(shown: &Shown<'_>) -> Value {
    let before = shown.ground.judge(&shown.ground.facts);
    let for_it = |at: &usize| shown.ground.checks[*at].template.as_deref() == Some(&shown.front.name);
    let check = |at: usize| {
        let id = &shown.ground.checks[at].id;
        let then = shown.measured.as_ref().ok().map(|own| own.judgements[at].verdict.as_str());
        json!({ "id": id, "now": before[at].verdict.as_str(), "then": then, "requirements": requirements(shown, id) })
    };
    let mut value = body(shown.front, shown.rendering);
    value["level"] = json!(shown.ground.wish.level.as_str());
    value["frameworks"] = json!(shown.ground.wish.frameworks);
    value["checks"] = (0..before.len()).filter(for_it).map(check).collect();
    value["parser"] = json!(parsed(shown.front, shown.measured, shown.at));
    value
}

/// Requirements of the chosen frameworks that a check speaks of.
fn requirements(shown: &Shown<'_>, check: &str) -> Vec<String> {
    let frameworks = shown.ground.frameworks.iter().filter(|own| shown.ground.shown.contains(&own.id));
    let of = frameworks.flat_map(|framework| {
        let own = framework.requirements.iter().filter(|(_, own)| own.checks().any(|(id, _)| id == check));
        own.map(|(id, _)| format!("{} {id}", framework.id))
    });
    of.collect()
}

fn body(front: &Front, own: &Rendering) -> Value {
    json!({
        "target": front.name,
        "title": front.title,
        "version": front.version,
        "absent": own.absent,
        "danger": front.danger.as_str(),
        "risks": front.risks,
        "reload": front.reload,
        "artifacts": own.artifacts.iter().map(artifact).collect::<Vec<_>>(),
        "chosen": own.choices.iter().map(choice).collect::<Vec<_>>(),
        "kept": own.kept.iter().map(remark).collect::<Vec<_>>(),
        "refused": own.refused.iter().map(remark).collect::<Vec<_>>(),
    })
}

fn artifact(own: &Artifact) -> Value {
    let mut value = json!({ "path": own.path, "diff": own.diff, "sha256": own.sha256, "undo": own.undo() });
    match &own.entry {
        Entry::File(text, mode) => {
            value["content"] = json!(text);
            value["mode"] = json!(format!("{mode:04o}"));
            let new = own.before == Entry::Absent;
            value["owner"] = json!(if new { "root:root" } else { "as it is" });
        }
        Entry::Link(target) => value["link"] = json!(target),
        Entry::Mode(mode) => value["mode"] = json!(format!("{mode:04o}")),
        Entry::Directory(mode) => {
            value["directory"] = json!(true);
            value["mode"] = json!(format!("{mode:04o}"));
        }
        Entry::Absent => value["removed"] = json!(true),
    }
    value
}

fn choice(own: &Choice) -> Value {
    json!({ "name": own.name, "value": own.value, "asked": own.asked, "unmet": own.unmet })
}

fn remark(own: &Remark) -> Value {
    json!({ "what": own.what, "why": own.why })
}

pub fn plan_json(whole: &Whole<'_>) -> Value {
    let place = |name: &str| whole.rendered.iter().position(|(front, _)| front.name == name).unwrap_or(0);
    let steps = whole.plan.steps.iter().map(|own| {
        let mut value = body(own.front, own.rendering);
        value["fixes"] = json!(own.fixes);
        value["remaining"] = json!(own.remaining);
        value["parser"] = json!(parsed(own.front, whole.measured, place(&own.front.name)));
        value
    });
    let others = whole.rendered.iter().filter(|(_, own)| own.artifacts.is_empty());
    let others = others.map(|(front, own)| body(front, own)).collect::<Vec<_>>();
    let after = whole.measured.as_ref().ok();
    let scores =
        whole.ground.scores(&whole.ground.facts).into_iter().enumerate().map(|(at, (framework, score))| {
            json!({
                "framework": framework.id,
                "version": framework.version,
                "now": score.ratio(),
                "predicted": after.and_then(|own| own.scores[at].ratio()),
            })
        });
    let verdicts = whole.before.iter().enumerate().map(|(at, own)| {
        let then = after.map(|measured| measured.judgements[at].verdict.as_str());
        json!({ "check": own.check, "now": own.verdict.as_str(), "predicted": then })
    });
    json!({
        "level": whole.ground.wish.level.as_str(),
        "steps": steps.collect::<Vec<_>>(),
        "unchanged": others,
        "by_hand": whole.plan.by_hand,
        "broken": whole.plan.broken,
        "not_measured": whole.measured.as_ref().err(),
        "scores": scores.collect::<Vec<_>>(),
        "checks": verdicts.collect::<Vec<_>>(),
    })
}
