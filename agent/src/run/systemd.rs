//! What systemd wants to hear (sd_notify(3)), and the signals that it sends.

use super::RunError;
use super::event::Event;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

/// The way to the service manager; leads nowhere when there is none.
pub struct Notifier {
    socket: Option<(UnixDatagram, SocketAddr)>,
    /// How often the watchdog is fed: four times before it bites, so that one feeding can come late.
    pub beat: Option<Duration>,
}

impl Notifier {
    /// Reads `$NOTIFY_SOCKET`, `$WATCHDOG_USEC` and `$WATCHDOG_PID`.
    pub fn from_environment() -> Self {
        let address = std::env::var_os("NOTIFY_SOCKET").and_then(|path| address(path.as_bytes()));
        let socket = address.and_then(|address| Some((UnixDatagram::unbound().ok()?, address)));
        let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
        let mine = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        let beat = number("WATCHDOG_USEC").filter(|_| mine).map(|limit| Duration::from_micros(limit / 4));
        Notifier { socket, beat: beat.filter(|beat| !beat.is_zero()) }
    }

    /// Tells a state such as `READY=1`. Nobody is helped by failing when it is not heard.
    pub fn tell(&self, state: &str) {
        if let Some((socket, address)) = &self.socket {
            let _ = socket.send_to_addr(state.as_bytes(), address);
        }
    }
}

/// A path, or a name in the abstract namespace when it begins with `@`.
fn address(path: &[u8]) -> Option<SocketAddr> {
    match path {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name).ok(),
        [b'/', ..] => SocketAddr::from_pathname(std::ffi::OsStr::from_bytes(path)).ok(),
        _ => None,
    }
}

/// Turns SIGTERM and SIGINT into [`Event::Stop`], SIGHUP into a request to read the configuration again.
pub fn listen_to_signals(events: mpsc::Sender<Event>, reload: mpsc::Sender<()>) -> Result<(), RunError> {
    let listen = |kind| signal(kind).map_err(RunError::failed("cannot listen to signals"));
    let (term, int) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    let mut hangup = listen(SignalKind::hangup())?;
    tokio::spawn(stop_on(term, "SIGTERM", events.clone()));
    tokio::spawn(stop_on(int, "SIGINT", events));
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            let _ = reload.try_send(());
        }
    });
    Ok(())
}

async fn stop_on(mut signal: Signal, name: &'static str, events: mpsc::Sender<Event>) {
    if signal.recv().await.is_some() {
        let _ = events.send(Event::Stop(name)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_reach_a_path_and_an_abstract_name() {
        let path = std::env::temp_dir().join(format!("hostward-notify-{}", std::process::id()));
        let abstract_name = format!("@hostward-notify-{}", std::process::id());
        for name in [path.as_os_str().as_bytes(), abstract_name.as_bytes()] {
            let address = address(name).unwrap();
            let receiver = UnixDatagram::bind_addr(&address).unwrap();
            let notifier = Notifier { socket: Some((UnixDatagram::unbound().unwrap(), address)), beat: None };
            notifier.tell("READY=1");
            let mut bytes = [0; 32];
            let length = receiver.recv(&mut bytes).unwrap();
            assert_eq!(&bytes[..length], b"READY=1");
        }
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn other_addresses_lead_nowhere() {
        assert!(address(b"relative").is_none() && address(b"").is_none());
    }
}
