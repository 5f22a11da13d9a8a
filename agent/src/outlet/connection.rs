//! Connections: how many, how long, how large.

use super::listen::{Door, Listener, Open, Wire};
use super::patience::{Patience, Watched};
use super::places::Place;
use super::{Outlets, Response, api, pages};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// Connections for pages, over all listeners; beyond it, a newcomer takes somebody's place.
pub const CONNECTIONS_MAX: usize = 512;
/// Connections of the command line; further ones wait in the kernel's queue.
const API_CONNECTIONS_MAX: usize = 64;
/// Bound of a request's head.
const HEAD_BYTES_MAX: usize = 16 << 10;
/// Requests side by side on one connection of HTTP/2.
const STREAMS_MAX: u32 = 16;
/// Requests that a client took back and that are not forgotten yet, and errors of its own making: one that makes more
/// is shown the door (CVE-2023-44487, CVE-2025-8671).
const RESETS_MAX: usize = 32;
/// What waits to be sent on one stream of HTTP/2.
const SEND_BYTES_MAX: usize = 64 << 10;
/// After a failure to accept, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves the pages on a thread of their own: neither TLS nor compressing takes time from the loop.
pub fn serve_pages(outlets: &Arc<Outlets>, listeners: Vec<Listener>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outlets = outlets.clone();
    let thread = std::thread::Builder::new().name("pages".to_owned());
    thread.spawn(move || runtime.block_on(serve_all(outlets, listeners)))?;
    Ok(())
}

async fn serve_all(outlets: Arc<Outlets>, listeners: Vec<Listener>) {
    for listener in listeners {
        let door = listener.door;
        match listener.open() {
            Ok(open) => drop(tokio::spawn(accept_pages(outlets.clone(), open, door))),
            Err(error) => tracing::error!("cannot serve /metrics: {error}"),
        }
    }
    std::future::pending().await
}

async fn accept_pages(outlets: Arc<Outlets>, listener: Open, door: Door) {
    loop {
        match listener.accept().await {
            Ok(wire) => {
                let patience = Patience::default();
                let place = outlets.places.take(&patience);
                tokio::spawn(welcome(outlets.clone(), door, wire, patience, place));
            }
            Err(error) => pause(&error).await,
        }
    }
}

/// One connection, until it ends, patience with it does, or somebody else needs its place.
async fn welcome(outlets: Arc<Outlets>, door: Door, wire: Box<dyn Wire>, patience: Patience, place: Place) {
    tokio::select! {
        // What goes wrong with a connection is the other side's business.
        _ = talk(outlets, door, wire, &patience) => {}
        () = patience.over() => {}
        () = place.lost() => {}
    }
}

async fn talk(outlets: Arc<Outlets>, door: Door, wire: Box<dyn Wire>, patience: &Patience) -> io::Result<()> {
    let settings = outlets.web.current().await;
    let Some(tls) = &settings.tls else { return converse(outlets, door, wire, patience).await };
    let stream = TlsAcceptor::from(tls.clone()).accept(wire).await?;
    match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => converse_side_by_side(outlets, door, stream, patience).await,
        _ => converse(outlets, door, stream, patience).await,
    }
}

/// HTTP/1.
async fn converse(
    outlets: Arc<Outlets>,
    door: Door,
    stream: impl Wire,
    patience: &Patience,
) -> io::Result<()> {
    let answer = move |request| {
        let outlets = outlets.clone();
        async move { pages::answer(&outlets, door, request).await }
    };
    http1(stream, patience, answer).await
}

async fn http1<F, A>(stream: impl Wire, patience: &Patience, answer: F) -> io::Result<()>
where
    F: Fn(hyper::Request<Incoming>) -> A,
    A: Future<Output = Response>,
{
    let service = service_fn(|request| {
        patience.answering();
        let answer = answer(request);
        async {
            let response = answer.await;
            patience.answered();
            Ok::<_, Infallible>(response)
        }
    });
    let io = TokioIo::new(Watched::new(stream, patience.clone()));
    let mut http = http1::Builder::new();
    http.header_read_timeout(None).max_buf_size(HEAD_BYTES_MAX).half_close(false);
    http.serve_connection(io, service).await.map_err(io::Error::other)
}

/// HTTP/2.
async fn converse_side_by_side(
    outlets: Arc<Outlets>,
    door: Door,
    stream: impl Wire,
    patience: &Patience,
) -> io::Result<()> {
    patience.multiplex();
    let service = service_fn(|request| {
        let (outlets, patience) = (outlets.clone(), patience.clone());
        async move {
            patience.answering();
            let response = pages::answer(&outlets, door, request).await;
            patience.answered();
            Ok::<_, Infallible>(response)
        }
    });
    let io = TokioIo::new(Watched::new(stream, patience.clone()));
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEAD_BYTES_MAX as u32)
        .max_pending_accept_reset_streams(RESETS_MAX)
        .max_local_error_reset_streams(RESETS_MAX)
        .max_send_buf_size(SEND_BYTES_MAX);
    http.serve_connection(io, service).await.map_err(io::Error::other)
}

/// Serves the API over the unix socket.
pub async fn serve_api(outlets: Arc<Outlets>, listener: UnixListener) {
    let permits = Arc::new(Semaphore::new(API_CONNECTIONS_MAX));
    while let Ok(permit) = permits.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (outlets, caller) = (outlets.clone(), api::Caller::of(&stream));
                let answer = move |request| api::answer(outlets.clone(), caller.clone(), request);
                tokio::spawn(async move {
                    let patience = Patience::default();
                    tokio::select! {
                        _ = http1(stream, &patience, answer) => {}
                        () = patience.over() => {}
                    }
                    drop(permit);
                });
            }
            Err(error) => pause(&error).await,
        }
    }
}

/// One who goes away before being let in is no reason to keep the others waiting.
async fn pause(error: &io::Error) {
    if matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    ) {
        return;
    }
    tracing::warn!("cannot accept a connection: {error}");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}
