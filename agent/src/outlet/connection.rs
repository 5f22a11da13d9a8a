//! Connections: how many, how long, how large.

use super::patience::{Patience, Watched};
use super::{Outlets, Response, api, pages};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections of each listener; further ones wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 64;
/// Bound of a request's head.
const HEAD_BYTES_MAX: usize = 16 << 10;
/// After a failure to accept, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves metrics and health over TCP.
pub async fn serve_pages(outlets: Arc<Outlets>, listener: TcpListener) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Ok(permit) = permits.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let outlets = outlets.clone();
                let answer = move |request| std::future::ready(pages::answer(&outlets, &request));
                tokio::spawn(converse(stream, permit, answer));
            }
            Err(error) => pause(&error).await,
        }
    }
}

/// Serves the API over the unix socket.
pub async fn serve_api(outlets: Arc<Outlets>, listener: UnixListener) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Ok(permit) = permits.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (outlets, caller) = (outlets.clone(), api::Caller::of(&stream));
                let answer = move |request| api::answer(outlets.clone(), caller.clone(), request);
                tokio::spawn(converse(stream, permit, answer));
            }
            Err(error) => pause(&error).await,
        }
    }
}

async fn pause(error: &std::io::Error) {
    tracing::warn!("cannot accept a connection: {error}");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

/// One connection, until it ends or patience with it does.
async fn converse<F, A>(stream: impl AsyncRead + AsyncWrite + Unpin, permit: OwnedSemaphorePermit, answer: F)
where
    F: Fn(hyper::Request<Incoming>) -> A,
    A: Future<Output = Response>,
{
    let patience = Patience::default();
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
    tokio::select! {
        // What goes wrong with a connection is the other side's business.
        _ = http.serve_connection(io, service) => {}
        () = patience.over() => {}
    }
    drop(permit);
}
