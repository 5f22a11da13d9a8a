//! The page as bytes: written once for each view and shared by all who ask alike.
//!
//! It has two parts. The first is the view's: it stays the same until the next tick, so all scrapers get the same
//! bytes. The second is hostward's telemetry, which is written anew for each scrape.

use super::Published;
use super::accept::{Dialect, Encoding};
use super::body::{Body, UnderWay};
use super::filter::Filter;
use super::gzip::{Begun, Gzip};
use super::zstd::Zstd;
use crate::sampler::OWN;
use hostward_engine::View;
use hostward_model::escaping::Escaping;
use hostward_model::text::Format;
use hyper::body::Bytes;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// First parts that are kept at once; the oldest goes. A fleet asks in one or two ways.
const KEPT_MAX: usize = 4;

/// What writes pages.
#[derive(Default)]
pub struct Pages {
    desk: Mutex<Desk>,
    under_way: UnderWay,
}

/// Memory that is used again, and first parts of the page of one view.
#[derive(Default)]
struct Desk {
    text: String,
    gzip: Gzip,
    zstd: Zstd,
    view: Weak<View>,
    kept: Vec<(Kind, Part)>,
}

#[derive(Clone, Copy, PartialEq)]
struct Kind {
    format: Format,
    /// `AllowUtf8` where the scheme changes nothing.
    escaping: Escaping,
    encoding: Encoding,
}

#[derive(Clone)]
struct Part(Bytes, Begun);

impl Pages {
    /// The page that a scraper asks for.
    pub fn write(
        &self,
        published: &Published,
        filter: &Filter,
        dialect: Dialect,
        encoding: Encoding,
    ) -> Body {
        let view = published.view();
        let is_quoted = view.as_ref().is_some_and(|view| view.is_quoted());
        let escaping = match !is_quoted && dialect.escaping.keeps_plain() {
            true => Escaping::AllowUtf8,
            false => dialect.escaping,
        };
        let kind = Kind { format: dialect.format, escaping, encoding };
        let desk = &mut *self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let first = match filter {
            Filter::All => desk.shared(view.as_ref(), kind, &self.under_way),
            filter => desk.first(view.as_ref(), kind, filter, &self.under_way),
        };
        desk.text.clear();
        if filter.wants(OWN) {
            published.telemetry.write(&mut desk.text, kind.format, view.as_deref());
        }
        if kind.format == Format::OpenMetrics {
            desk.text.push_str("# EOF\n");
        }
        let second = desk.second(kind, &first.1, &self.under_way);
        Body::of([first.0, second])
    }

    /// Bytes of answers that are not fetched yet, and of what is kept.
    pub fn bytes_under_way(&self) -> usize {
        self.under_way.bytes()
    }
}

impl Desk {
    fn shared(&mut self, view: Option<&Arc<View>>, kind: Kind, under_way: &UnderWay) -> Part {
        let now = view.map_or_else(Weak::new, Arc::downgrade);
        if !self.view.ptr_eq(&now) {
            self.kept.clear();
            self.view = now;
        }
        if let Some((_, part)) = self.kept.iter().find(|(own, _)| *own == kind) {
            return part.clone();
        }
        let part = self.first(view, kind, &Filter::All, under_way);
        if self.kept.len() == KEPT_MAX {
            self.kept.remove(0);
        }
        self.kept.push((kind, part.clone()));
        part
    }

    fn first(&mut self, view: Option<&Arc<View>>, kind: Kind, filter: &Filter, under_way: &UnderWay) -> Part {
        self.text.clear();
        if let Some(view) = view {
            view.write_of(&mut self.text, kind.format, |probe| filter.wants(probe));
        }
        self.escape(kind);
        let bytes = self.text.as_bytes();
        match kind.encoding {
            Encoding::Identity => Part(under_way.hold(bytes), Begun::default()),
            Encoding::Gzip => {
                let (bytes, begun) = self.gzip.begin(bytes);
                Part(under_way.hold(bytes), begun)
            }
            Encoding::Zstd => {
                Part(under_way.hold(self.zstd.frame(bytes).unwrap_or_default()), Begun::default())
            }
        }
    }

    fn second(&mut self, kind: Kind, begun: &Begun, under_way: &UnderWay) -> Bytes {
        self.escape(kind);
        let bytes = self.text.as_bytes();
        under_way.hold(match kind.encoding {
            Encoding::Identity => bytes,
            Encoding::Gzip => self.gzip.end(begun, bytes),
            Encoding::Zstd => self.zstd.frame(bytes).unwrap_or_default(),
        })
    }

    fn escape(&mut self, kind: Kind) {
        if kind.escaping != Escaping::AllowUtf8 {
            self.text = kind.escaping.apply(&self.text);
        }
    }
}

#[cfg(test)]
mod tests;
