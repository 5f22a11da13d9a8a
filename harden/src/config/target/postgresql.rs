//! PostgreSQL: a drop-in for each cluster.

use crate::config::draft::Draft;

const END: &str = "/postgresql.conf";

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    let paths = draft.host.texts.keys().filter(|path| path.ends_with(END));
    let mut clusters: Vec<String> = paths.map(|path| path.trim_end_matches(END).to_owned()).collect();
    let Some(first) = clusters.first().cloned() else { return Err("there is no cluster".to_owned()) };
    let reads = |own: &String| {
        let text = &draft.host.texts[&format!("{own}{END}")].text;
        text.lines().any(|line| line.trim_start().starts_with("include_dir") && line.contains("conf.d"))
    };
    if let Some(other) = clusters.iter().find(|own| !reads(own)) {
        return Err(format!("{other}{END} does not include its conf.d"));
    }
    let body = draft.part("main")?;
    draft.path = format!("{first}/conf.d/zz-hostward.conf");
    for other in clusters.split_off(1) {
        draft.file(&format!("{other}/conf.d/zz-hostward.conf"), body.clone(), draft.front.mode());
    }
    Ok(())
}
