//! Opening the listeners.

use super::activation::Handed;
use crate::config::Address;
use std::fs::Permissions;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener, UnixStream};

/// Who may use the command line's socket: the daemon's user and group.
const API_MODE: u32 = 0o660;
/// Who may use a socket of /metrics: everybody who may enter its directory, as everybody who reaches a port.
const PAGES_MODE: u32 = 0o666;

/// A connection, whatever it came over.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// What is behind a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Metrics and health.
    Pages,
    /// These and Prometheus' HTTP API.
    Api {
        /// Whether others than this host can come in: then only those who show who they are.
        is_open: bool,
    },
}

/// A listener for the pages, not yet part of a runtime.
#[derive(Debug)]
pub struct Listener {
    socket: Handed,
    /// What is served to those who come in.
    pub door: Door,
    /// A socket that we made, and that goes when we go.
    pub made: Option<PathBuf>,
}

impl Listener {
    /// Listens at `address`.
    pub async fn bind(address: &Address) -> Result<Self, String> {
        let failed = |error: io::Error| format!("cannot listen at {address}: {error}");
        match address {
            Address::Tcp(address) => {
                let tcp = bind(*address).await?.into_std().map_err(failed)?;
                Ok(Listener { socket: Handed::Tcp(tcp), door: Door::Pages, made: None })
            }
            Address::Unix(path) => {
                let unix = bind_at(path, PAGES_MODE).await?.into_std().map_err(failed)?;
                Ok(Listener { socket: Handed::Unix(unix), door: Door::Pages, made: Some(path.clone()) })
            }
        }
    }

    /// One that systemd opened.
    pub fn handed(socket: Handed) -> Self {
        Listener { socket, door: Door::Pages, made: None }
    }

    /// The same for Prometheus' HTTP API.
    pub async fn bind_api(address: &Address) -> Result<Self, String> {
        let is_open = matches!(address, Address::Tcp(address) if !address.ip().is_loopback());
        Ok(Listener { door: Door::Api { is_open }, ..Listener::bind(address).await? })
    }

    /// Where the metrics are, as something to type.
    pub fn url(&self, is_tls: bool) -> String {
        let scheme = if is_tls { "https" } else { "http" };
        match &self.socket {
            Handed::Tcp(tcp) => {
                let page = if self.door == Door::Pages { "/metrics" } else { "" };
                tcp.local_addr().map_or_else(|_| String::new(), |address| url(scheme, address) + page)
            }
            Handed::Unix(unix) => {
                let address = unix.local_addr().ok();
                let path = address.as_ref().and_then(|address| address.as_pathname());
                path.map_or_else(|| "unix:".to_owned(), |path| format!("unix:{}", path.display()))
            }
        }
    }

    /// Joins the runtime of the caller.
    pub fn open(self) -> io::Result<Open> {
        Ok(match self.socket {
            Handed::Tcp(tcp) => Open::Tcp(TcpListener::from_std(tcp)?),
            Handed::Unix(unix) => Open::Unix(UnixListener::from_std(unix)?),
        })
    }
}

/// A listener that accepts.
pub enum Open {
    /// TCP.
    Tcp(TcpListener),
    /// A unix socket.
    Unix(UnixListener),
}

impl Open {
    /// The next connection.
    pub async fn accept(&self) -> io::Result<Box<dyn Wire>> {
        Ok(match self {
            Open::Tcp(tcp) => {
                let (stream, _) = tcp.accept().await?;
                // An answer is one write or two; the second must not wait for the other side to confirm the first.
                // Where that cannot be set, the other side has gone already.
                let _ = stream.set_nodelay(true);
                Box::new(stream)
            }
            Open::Unix(unix) => Box::new(unix.accept().await?.0),
        })
    }
}

/// All addresses include this host's own, which is the one that can be tried at once.
fn url(scheme: &str, address: SocketAddr) -> String {
    match address.ip().is_unspecified() {
        true => format!("{scheme}://localhost:{}", address.port()),
        false => format!("{scheme}://{address}"),
    }
}

/// Listens at `address`; on a host without IPv6, `[::]` means all of its IPv4 addresses.
async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    let bound = match TcpListener::bind(address).await {
        Err(error) if address.is_ipv6() && address.ip().is_unspecified() && lacks_ipv6(&error) => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await
        }
        bound => bound,
    };
    bound.map_err(|error| {
        let hint = match error.kind() {
            ErrorKind::AddrInUse => {
                "; another program listens there, choose another address with --listen ADDR:PORT"
            }
            ErrorKind::PermissionDenied => "; ports below 1024 need root",
            _ => "",
        };
        format!("cannot listen at {address}: {error}{hint}")
    })
}

/// `EAFNOSUPPORT` and `EADDRNOTAVAIL`: what a kernel without IPv6, or with all of it switched off, answers.
fn lacks_ipv6(error: &io::Error) -> bool {
    error.raw_os_error() == Some(nix::errno::Errno::EAFNOSUPPORT as i32)
        || error.kind() == ErrorKind::AddrNotAvailable
}

/// Listens at the command line's socket.
pub async fn bind_socket(path: &Path) -> Result<UnixListener, String> {
    bind_at(path, API_MODE).await
}

/// Listens at a unix socket. One that is left over is replaced, one that somebody answers at is not.
async fn bind_at(path: &Path, mode: u32) -> Result<UnixListener, String> {
    let failed = |error: io::Error| format!("cannot listen at {}: {error}", path.display());
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    if UnixStream::connect(path).await.is_ok() {
        return Err(format!("another hostward answers at {}", path.display()));
    }
    remove(path).map_err(failed)?;
    let listener = UnixListener::bind(path).map_err(failed)?;
    std::fs::set_permissions(path, Permissions::from_mode(mode)).map_err(failed)?;
    Ok(listener)
}

/// Nothing but a socket is taken away: a path that was mistyped may be somebody's file.
fn remove(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt;
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(metadata) if metadata.file_type().is_socket() => std::fs::remove_file(path),
        Ok(_) => Err(io::Error::other("there is a file that is no socket")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
        let path = std::env::temp_dir().join(format!("hostward-socket-{}", std::process::id()));
        drop(bind_socket(&path).await.unwrap());
        assert!(path.exists(), "left over");
        let live = bind_socket(&path).await.unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, API_MODE);
        let error = bind_socket(&path).await.unwrap_err();
        assert!(error.starts_with("another hostward answers"), "{error}");
        drop(live);
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "somebody's").unwrap();
        assert!(bind_socket(&path).await.unwrap_err().contains("no socket"));
        std::fs::remove_file(path).unwrap();
    }

    #[tokio::test]
    async fn a_taken_port_is_explained() {
        let taken = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let error = bind(taken.local_addr().unwrap()).await.unwrap_err();
        assert!(error.contains("choose another address with --listen"), "{error}");
    }

    #[tokio::test]
    async fn urls_can_be_typed() {
        let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
        assert!(listener.url(true).starts_with("https://127.0.0.1:"));
        assert_eq!(url("http", "[::]:19100".parse().unwrap()), "http://localhost:19100");
        let path = std::env::temp_dir().join(format!("hostward-pages-{}", std::process::id()));
        let listener = Listener::bind(&Address::Unix(path.clone())).await.unwrap();
        assert_eq!(listener.url(true), format!("unix:{}", path.display()));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, PAGES_MODE);
        std::fs::remove_file(path).unwrap();
    }
}
