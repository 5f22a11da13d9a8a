//! Sockets that systemd opened for us (sd_listen_fds(3)).

use listenfd::ListenFd;
use std::env;
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;

/// The name (`FileDescriptorName=`) of the socket that is the command line's.
const API: &str = "api";

/// Sockets that were handed over.
#[derive(Debug, Default)]
pub struct Inherited {
    /// For /metrics; when there is one, no address is bound.
    pub metrics: Vec<Handed>,
    /// For the command line.
    pub api: Option<UnixListener>,
}

/// One socket that was handed over.
#[derive(Debug)]
pub enum Handed {
    /// TCP.
    Tcp(TcpListener),
    /// A unix socket.
    Unix(UnixListener),
}

impl Inherited {
    /// Takes what is there. To be called once, before there is a second thread: it takes variables from the
    /// environment, so that no child believes that they are its own.
    pub fn take() -> Result<Self, String> {
        if env::var("LISTEN_PID").ok().and_then(|pid| pid.parse().ok()) != Some(std::process::id()) {
            return Ok(Inherited::default());
        }
        let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let (mut fds, mut inherited) = (ListenFd::from_env(), Inherited::default());
        for at in 0..fds.len() {
            let name = names.next().unwrap_or_default();
            let refused =
                |error: io::Error| format!("the socket {name:?} from systemd cannot be used: {error}");
            let socket = socket(&mut fds, at).map_err(refused)?;
            match (name, socket) {
                (API, Handed::Unix(listener)) => inherited.api = Some(listener),
                (API, Handed::Tcp(_)) => return Err(refused(io::Error::other("not a unix socket"))),
                (_, socket) => inherited.metrics.push(socket),
            }
        }
        Ok(inherited)
    }
}

fn socket(fds: &mut ListenFd, at: usize) -> io::Result<Handed> {
    let gone = || io::Error::other("it is not there");
    // The crate sees what a socket is, and gives one of another kind back.
    if let Ok(tcp) = fds.take_tcp_listener(at) {
        let tcp = tcp.ok_or_else(gone)?;
        return tcp.set_nonblocking(true).map(|()| Handed::Tcp(tcp));
    }
    let unix = fds.take_unix_listener(at)?.ok_or_else(gone)?;
    unix.set_nonblocking(true).map(|()| Handed::Unix(unix))
}
