//! Opening the two listeners.

use std::fs::Permissions;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tokio::net::{TcpListener, UnixListener, UnixStream};

/// Who may use the socket: the daemon's user and group.
const SOCKET_MODE: u32 = 0o660;

/// Listens at `address`; on a host without IPv6, `[::]` means all of its IPv4 addresses.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
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
fn lacks_ipv6(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(nix::errno::Errno::EAFNOSUPPORT as i32)
        || error.kind() == ErrorKind::AddrNotAvailable
}

/// Listens at a unix socket. One that is left over is replaced, one that somebody answers at is not.
pub async fn bind_socket(path: &Path) -> Result<UnixListener, String> {
    let failed = |error: std::io::Error| format!("cannot listen at {}: {error}", path.display());
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    if UnixStream::connect(path).await.is_ok() {
        return Err(format!("another hostward answers at {}", path.display()));
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    std::fs::set_permissions(path, Permissions::from_mode(SOCKET_MODE)).map_err(failed)?;
    Ok(listener)
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
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, SOCKET_MODE);
        let error = bind_socket(&path).await.unwrap_err();
        assert!(error.starts_with("another hostward answers"), "{error}");
        drop(live);
        std::fs::remove_file(path).unwrap();
    }

    #[tokio::test]
    async fn a_taken_port_is_explained() {
        let taken = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let error = bind(taken.local_addr().unwrap()).await.unwrap_err();
        assert!(error.contains("choose another address with --listen"), "{error}");
    }
}
