//! Pages of an engine that has seen two probes.

use super::*;
use crate::clock;
use crate::telemetry::Telemetry;
use crate::vitals::Vitals;
use hostward_engine::{Engine, Input, Settings};
use hostward_model::escaping::is_plain;
use hostward_model::text;
use hostward_model::{Batch, Metric, Now};
use http_body_util::BodyExt;
use proptest::prelude::*;
use std::io::Read;
use std::time::Duration;

static LOAD: Metric = Metric::gauge("node_load1", "Load.", &[]);
static TICKS: Metric = Metric::counter("hostward_ticks_total", "Ticks.", &[]);

fn published() -> Arc<Published> {
    let published = Published::new(Telemetry::new().unwrap(), Arc::new(Vitals::new(clock::now())));
    let mut engine = Engine::new(Settings::default());
    see(&mut engine, 1.0);
    published.view.send_replace(Some(engine.view()));
    published
}

fn see(engine: &mut Engine, load: f64) {
    let mut batch = Batch::new();
    batch.push(&LOAD, &[], load);
    let at = Now { wall_ms: 1_000_000, mono_ms: 1000 };
    engine.handle(at, Input::Batch { probe: "loadavg", batch: &batch });
    batch.clear();
    batch.push(&TICKS, &[], 1.0);
    engine.handle(at, Input::Batch { probe: OWN, batch: &batch });
}

async fn fetched(
    pages: &Pages,
    published: &Published,
    query: &str,
    accept: &str,
    encoding: Encoding,
) -> String {
    let filter = Filter::parse(query).unwrap();
    let body = pages.write(published, &filter, Dialect::negotiated(accept), encoding);
    let bytes = body.collect().await.unwrap().to_bytes();
    match encoding {
        Encoding::Identity => String::from_utf8(bytes.to_vec()).unwrap(),
        Encoding::Gzip => {
            let mut text = String::new();
            flate2::read::GzDecoder::new(bytes.as_ref()).read_to_string(&mut text).unwrap();
            text
        }
        Encoding::Zstd => String::from_utf8(zstd::stream::decode_all(bytes.as_ref()).unwrap()).unwrap(),
    }
}

#[tokio::test]
async fn the_view_is_shared_and_telemetry_is_not() {
    let (pages, published) = (Pages::default(), published());
    for encoding in [Encoding::Identity, Encoding::Gzip, Encoding::Zstd] {
        let before = fetched(&pages, &published, "", "", encoding).await;
        assert!(before.contains("\nnode_load1 1\n"), "{before}");
        published.telemetry.scraped(Duration::ZERO);
        let after = fetched(&pages, &published, "", "", encoding).await;
        let scrapes = |text: &str| {
            let line = text.lines().find(|line| line.starts_with("hostward_scrapes_total")).unwrap();
            line.split(' ').nth(1).unwrap().parse::<u32>().unwrap()
        };
        assert_eq!(scrapes(&after), scrapes(&before) + 1);
    }
    assert_eq!(pages.desk.lock().unwrap().kept.len(), 3);
}

#[tokio::test]
async fn another_view_is_another_page() {
    let (pages, published) = (Pages::default(), published());
    assert!(fetched(&pages, &published, "", "", Encoding::Gzip).await.contains("\nnode_load1 1\n"));
    let mut engine = Engine::new(Settings::default());
    see(&mut engine, 2.0);
    published.view.send_replace(Some(engine.view()));
    assert!(fetched(&pages, &published, "", "", Encoding::Gzip).await.contains("\nnode_load1 2\n"));
    let kept = pages.desk.lock().unwrap().kept[0].1.0.len();
    assert_eq!(pages.bytes_under_way(), kept, "what was fetched is gone");
}

#[tokio::test]
async fn a_filter_is_by_probe() {
    let (pages, published) = (Pages::default(), published());
    let own = ["hostward_ticks_total 1", "hostward_build_info"];
    for (query, load, telemetry) in [
        ("", true, true),
        ("collect[]=loadavg", true, false),
        ("exclude[]=loadavg", false, true),
        ("collect[]=hostward", false, true),
    ] {
        let text =
            fetched(&pages, &published, query, "application/openmetrics-text", Encoding::Identity).await;
        assert_eq!(text.contains("node_load1 1"), load, "{query}: {text}");
        assert!(own.iter().all(|line| text.contains(line) == telemetry), "{query}: {text}");
        assert!(text.ends_with("# EOF\n"));
    }
    assert_eq!(pages.desk.lock().unwrap().kept.len(), 1, "only whole pages are kept");
}

#[tokio::test]
async fn names_are_escaped_as_asked() {
    let (pages, published) = (Pages::default(), published());
    let dots = fetched(&pages, &published, "", "text/plain;escaping=dots", Encoding::Identity).await;
    assert!(dots.contains("\nnode__load1 1\n") && dots.contains("\nhostward__build__info{"), "{dots}");
    let values = fetched(&pages, &published, "", "text/plain;escaping=values", Encoding::Identity).await;
    assert!(values.contains("\nnode_load1 1\n"), "{values}");
}

proptest! {
    /// Whatever names and values a plugin thinks of, they neither break out of their line nor change on the way.
    #[test]
    fn any_names_survive_every_scheme(
        name in "[a-z_.]{1,4}|\\PC{1,6}",
        label in "[a-z_.]{1,4}|[\"{}=,\\\\ \n#]{1,4}",
        value in "[a-z\"{}=,\\\\ \n]{0,8}",
        junk in "[# HELPTYPE{}\"=,\\\\a.\n]{0,40}",
    ) {
        let mut line = String::new();
        text::write_series(&mut line, &name, [(label.as_str(), value.as_str())]);
        line.push_str(" 1\n");
        prop_assert_eq!(line.matches('\n').count(), 1);
        prop_assert_eq!(&Escaping::AllowUtf8.apply(&line), &line);
        for scheme in [Escaping::Underscores, Escaping::Dots, Escaping::Values] {
            let (name, label) = (scheme.name(&name), scheme.name(&label));
            prop_assert!(is_plain(&name) && is_plain(&label));
            let mut wanted = String::new();
            text::write_series(&mut wanted, &name, [(&*label, value.as_str())]);
            wanted.push_str(" 1\n");
            prop_assert_eq!(scheme.apply(&line), wanted);
            scheme.apply(&junk);
        }
    }
}
