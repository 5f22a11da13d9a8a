//! Who is told what: silences, what became of notices, and test notifications.

use super::caller::Caller;
use crate::clock;
use crate::outlet::Outlets;
use crate::outlet::asked::{object_of, text_of};
use crate::outlet::problem::{Answer, Problem};
use crate::silence::{Request, Silence, Window};
use crate::state::{SilenceError, Store};
use hostward_model::time;
use hyper::body::Incoming;
use serde_json::{Value, json};

/// Entries of the notification log that are given at once.
const DELIVERIES_MAX: usize = 1000;

/// All silences, the newest first.
pub async fn silences(outlets: &Outlets) -> Answer {
    let all = outlets.recorder.ask(|store| store.silences().to_vec()).await.ok_or_else(Problem::busy)?;
    let now_ms = clock::now().wall_ms;
    Ok(json!({ "silences": all.iter().map(|own| shaped(own, now_ms)).collect::<Vec<_>>() }))
}

/// Takes a silence.
pub async fn silence(outlets: &Outlets, caller: &Caller, body: Incoming) -> Answer {
    let request: Request = object_of(body).await?;
    let by = caller.name().await;
    let now_ms = clock::now().wall_ms;
    let work = move |store: &mut Store| {
        let known = |id: &str| store.silences().iter().any(|own| own.id == id);
        let ids = (0u32..).map(|n| format!("{:08x}", (now_ms as u64).wrapping_add(u64::from(n)) as u32));
        let id = ids.into_iter().find(|id| !known(id)).unwrap_or_default();
        let own = request.silence(id, by, now_ms).map_err(Problem::bad)?;
        store.add_silence(&own).map_err(problem)?;
        Ok(shaped(&own, now_ms))
    };
    let answer = outlets.recorder.ask(work).await.ok_or_else(Problem::busy)?;
    outlets.receivers.wake();
    answer
}

/// Ends a silence.
pub async fn expire(outlets: &Outlets, caller: &Caller, id: String) -> Answer {
    let (by, now_ms, own) = (caller.name().await, clock::now().wall_ms, id.clone());
    let work = move |store: &mut Store| store.end_silence(&own, &by, now_ms);
    outlets.recorder.ask(work).await.ok_or_else(Problem::busy)?.map_err(problem)?;
    outlets.receivers.wake();
    Ok(json!({ "id": id }))
}

fn problem(error: SilenceError) -> Problem {
    match error {
        SilenceError::TooMany(_) => Problem::bad(error.to_string()),
        SilenceError::Unknown(_) => Problem::not_found(error.to_string()),
        SilenceError::Store(_) => Problem::unavailable(error.to_string()),
    }
}

fn shaped(own: &Silence, now_ms: i64) -> Value {
    let window = match &own.window {
        Window::Once { from_ms, until_ms } => json!({
            "from": time::rfc3339(*from_ms),
            "until": time::rfc3339(*until_ms),
        }),
        Window::Weekly { days, from, to, zone, until_ms } => json!({
            "days": days,
            "between": format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60),
            "zone": zone,
            "until": until_ms.map(time::rfc3339),
        }),
    };
    json!({
        "id": own.id,
        "state": own.state(now_ms),
        "matchers": own.matchers,
        "window": window,
        "by": own.by,
        "comment": own.comment,
        "createdAt": time::rfc3339(own.created_ms),
        "endedBy": own.ended.as_ref().map(|(by, _)| by),
        "endedAt": own.ended.as_ref().map(|(_, at_ms)| time::rfc3339(*at_ms)),
        "matchedAt": own.matched_ms.map(time::rfc3339),
    })
}

/// What became of notices, the newest first.
pub async fn deliveries(outlets: &Outlets) -> Answer {
    let all =
        outlets.recorder.ask(|store| store.deliveries(DELIVERIES_MAX)).await.ok_or_else(Problem::busy)?;
    let all = all.map_err(|error| Problem::unavailable(error.to_string()))?;
    let shaped = all.iter().map(|own| {
        json!({
            "at": time::rfc3339(own.at_ms),
            "receiver": own.receiver,
            "outcome": own.fate.as_str(),
            "notices": own.notices,
            "first": own.first,
            "message": own.message,
        })
    });
    Ok(json!({ "notifications": shaped.collect::<Vec<_>>() }))
}

/// Sends a test notification to one receiver or all.
pub async fn test(outlets: &Outlets, body: Incoming) -> Answer {
    let receiver = text_of(body, "receiver").await?;
    let wanted = receiver.clone();
    let tested = outlets.receivers.test(receiver).await.ok_or_else(Problem::gone)?;
    if let Some(name) = wanted.filter(|_| tested.is_empty()) {
        return Err(Problem::not_found(format!("no receiver {name} is configured")));
    }
    let shaped = tested.iter().map(|(name, trouble)| json!({ "receiver": name, "trouble": trouble }));
    Ok(json!({ "tested": shaped.collect::<Vec<_>>() }))
}
