//! `series`, `labels` and the values of a label: which series there are and were.

use super::told::{Reply, Told};
use super::{ask, json};
use crate::clock;
use crate::outlet::Outlets;
use crate::outlet::asked::send;
use crate::outlet::parameters::Parameters;
use crate::outlet::problem::Problem;
use crate::request::Request;
use hostward_engine::labels::Labels;
use hostward_engine::promql::Expr;
use hostward_engine::promql::source::Selector;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Series that one answer may have.
const SERIES_MAX: usize = 50_000;

/// The series that any `match[]` asks for.
pub async fn series(outlets: &Outlets, parameters: &Parameters) -> Reply {
    let selectors = selectors(parameters)?;
    if selectors.is_empty() {
        return Err(Problem::bad("the parameter \"match[]\" is missing"));
    }
    let found = find(outlets, parameters, selectors).await?;
    let limit = limit(parameters)?;
    let shown: Vec<_> = found.into_iter().take(limit).collect();
    Ok(Told { data: json::list(&shown, |out, own| *out += &json::labels(own)), ..Told::default() })
}

/// The names of labels.
pub async fn labels(outlets: &Outlets, parameters: &Parameters) -> Reply {
    let found = find(outlets, parameters, selectors(parameters)?).await?;
    texts(parameters, found.iter().flat_map(|own| own.iter().map(|(name, _)| name)))
}

/// The values of a label.
pub async fn values(outlets: &Outlets, label: &str, parameters: &Parameters) -> Reply {
    let found = find(outlets, parameters, selectors(parameters)?).await?;
    texts(parameters, found.iter().map(|own| own.get(label)).filter(|value| !value.is_empty()))
}

fn texts<'a>(parameters: &Parameters, texts: impl Iterator<Item = &'a str>) -> Reply {
    let texts: BTreeSet<&str> = texts.collect();
    Ok(serde_json::json!(texts.into_iter().take(limit(parameters)?).collect::<Vec<_>>()).into())
}

/// 0 is no limit.
fn limit(parameters: &Parameters) -> Result<usize, Problem> {
    let Some(text) = parameters.get("limit") else { return Ok(usize::MAX) };
    let bad = |_| Problem::bad(format!("\"limit\" must be a number of results, {text:?} is not"));
    text.parse().map_err(bad).map(|limit| if limit == 0 { usize::MAX } else { limit })
}

fn selectors(parameters: &Parameters) -> Result<Vec<Selector>, Problem> {
    let selector = |text: &str| {
        let expr = Expr::parse(text).map_err(|error| Problem::bad(format!("\"match[]\": {error}")))?;
        let plain = expr.as_selector().cloned();
        plain.ok_or_else(|| Problem::bad(format!("\"match[]\": {text:?} is not a plain selector of series")))
    };
    parameters.all("match[]").into_iter().map(selector).collect()
}

/// Without selectors, all series.
async fn find(
    outlets: &Outlets,
    parameters: &Parameters,
    mut selectors: Vec<Selector>,
) -> Result<BTreeSet<Arc<Labels>>, Problem> {
    let now_ms = clock::now().wall_ms;
    let span = (parameters.seconds_ms("start", Some(i64::MIN))?, parameters.seconds_ms("end", Some(now_ms))?);
    if span.1 < span.0 {
        return Err(Problem::bad("\"end\" lies before \"start\""));
    }
    if selectors.is_empty() {
        selectors.push(Selector { name: None, matchers: Vec::new() });
    }
    let (reply, answer) = oneshot::channel();
    send(outlets, Request::Series { selectors: selectors.clone(), reply })?;
    let mut found: BTreeSet<_> = answer.await.map_err(|_| Problem::gone())?.into_iter().collect();
    let older = ask::aside(outlets, move |archive| {
        let look = archive.look(Default::default());
        let is_wanted = |labels: &Labels| selectors.iter().any(|selector| selector.matches(labels));
        let older = look.labels(span, is_wanted);
        look.fault().map_or(Ok(older), Err)
    });
    let older = older.await?.map_err(|fault| Problem::execution(fault.to_string()))?;
    found.extend(older.into_keys());
    match found.len() > SERIES_MAX {
        true => {
            Err(Problem::execution(format!("more than {SERIES_MAX} series: give a narrower \"match[]\"")))
        }
        false => Ok(found),
    }
}
