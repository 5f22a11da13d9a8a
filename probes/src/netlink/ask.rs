//! A question over a netlink socket and its answers, under a deadline.

use super::message::{Message, Request, u32_at};
use crate::Fault;
use crate::drop_in::drop_in;
use nix::errno::Errno;
use nix::sys::socket::sockopt::ReceiveTimeout;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recvfrom, send, setsockopt,
    socket,
};
use nix::sys::time::{TimeVal, TimeValLike};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// Largest datagram: what the kernel uses for a long list is 32 KiB.
const DATAGRAM_BYTES: usize = 64 << 10;
/// Largest answer in all; the sockets of a host with 100,000 of them are some 15 MB.
const ANSWER_BYTES_MAX: usize = 64 << 20;
/// How long an answer may take unless the asker says otherwise; the kernel answers in microseconds unless
/// somebody holds its locks.
const DEADLINE: Duration = Duration::from_millis(1000);

const MESSAGE_ERROR: u16 = 2;
const MESSAGE_DONE: u16 = 3;

/// Whom a question goes to.
#[derive(Clone, Copy, Debug)]
pub enum Protocol {
    /// Links, addresses, routes, queueing disciplines: rtnetlink(7).
    Route,
    /// Sockets: sock_diag(7).
    Sockets,
    /// Families by name, wireless among them.
    Generic,
}

impl Protocol {
    fn socket(self) -> SockProtocol {
        match self {
            Protocol::Route => SockProtocol::NetlinkRoute,
            Protocol::Sockets => SockProtocol::NetlinkSockDiag,
            Protocol::Generic => SockProtocol::NetlinkGeneric,
        }
    }

    /// What faults call it.
    fn name(self) -> &'static str {
        match self {
            Protocol::Route => "netlink route",
            Protocol::Sockets => "netlink sock_diag",
            Protocol::Generic => "netlink generic",
        }
    }
}

/// Sends a question and calls `take` with each message of its answer.
pub fn ask(
    protocol: Protocol,
    request: Request,
    take: impl FnMut(Message<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    ask_within(protocol, request, DEADLINE, take)
}

/// As [`ask`], with a deadline of its own.
pub fn ask_within(
    protocol: Protocol,
    request: Request,
    deadline: Duration,
    mut take: impl FnMut(Message<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let fault = |error| fault(protocol, deadline, error);
    let socket = open(protocol, deadline).map_err(fault)?;
    let request = request.into_bytes();
    send(socket.as_raw_fd(), &request, MsgFlags::empty()).map_err(fault)?;
    let sequence = u32_at(&request, 8).unwrap_or(0);
    let (end, mut datagram, mut total) = (Instant::now() + deadline, vec![0; DATAGRAM_BYTES], 0);
    loop {
        let (length, from) = recvfrom::<NetlinkAddr>(socket.as_raw_fd(), &mut datagram).map_err(fault)?;
        total += length;
        // Other processes can send, too; what they say is not the kernel's word.
        let is_kernel = from.is_some_and(|from| from.pid() == 0);
        if is_kernel && read(protocol, &datagram[..length], sequence, &mut take)? {
            return Ok(());
        }
        if total > ANSWER_BYTES_MAX {
            return Err(fault(Errno::EMSGSIZE));
        }
        if Instant::now() >= end {
            return Err(fault(Errno::EAGAIN));
        }
    }
}

fn open(protocol: Protocol, deadline: Duration) -> nix::Result<OwnedFd> {
    let socket =
        socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, Some(protocol.socket()))?;
    let deadline_ms = i64::try_from(deadline.as_millis()).unwrap_or(i64::MAX);
    setsockopt(&socket, ReceiveTimeout, &TimeVal::milliseconds(deadline_ms))?;
    Ok(socket)
}

/// The messages of one datagram; true when the answer is complete.
fn read(
    protocol: Protocol,
    datagram: &[u8],
    sequence: u32,
    take: &mut impl FnMut(Message<'_>) -> Result<(), Fault>,
) -> Result<bool, Fault> {
    let mut rest = datagram;
    while let Some((message, behind)) = Message::split(rest) {
        rest = behind;
        match message.kind {
            _ if message.sequence != sequence => {}
            // A list that broke off ends with the error, too.
            MESSAGE_DONE if message.body.is_empty() => return Ok(true),
            MESSAGE_DONE => return end(protocol, message.body).map(|()| true),
            MESSAGE_ERROR => return end(protocol, message.body).map(|()| true),
            _ => take(message)?,
        }
    }
    if rest.is_empty() {
        return Ok(false);
    }
    let word = format!("{} bytes that are no message", rest.len());
    Err(Fault::malformed(protocol.name(), 1, &word, "a whole message"))
}

/// An error of zero is an acknowledgement.
fn end(protocol: Protocol, body: &[u8]) -> Result<(), Fault> {
    match u32_at(body, 0).map(|code| (code as i32).wrapping_neg()) {
        Some(0) => Ok(()),
        Some(code) => Err(fault(protocol, DEADLINE, Errno::from_raw(code))),
        None => Err(Fault::malformed(protocol.name(), 1, "", "the number of an error")),
    }
}

fn fault(protocol: Protocol, deadline: Duration, error: Errno) -> Fault {
    let what = protocol.name().to_owned();
    match error {
        Errno::EAGAIN => Fault::Timeout { what, after_ms: deadline.as_millis() as u64 },
        Errno::EAFNOSUPPORT => {
            let grant = drop_in!("netlink": "RestrictAddressFamilies=AF_NETLINK");
            Fault::Denied { what, grant: grant.to_owned() }
        }
        Errno::EPROTONOSUPPORT | Errno::ENOENT | Errno::EOPNOTSUPP | Errno::ENODEV => Fault::Missing { what },
        _ => Fault::io(&what, &io::Error::from(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::DUMP;
    use super::*;

    const GET_LINK: u16 = 18;

    #[test]
    fn an_error_is_a_fault() {
        // A dump of a kind that does not exist.
        let asked = ask(Protocol::Route, Request::new(9999, DUMP, 1, &[0; 16]), |_| Ok(()));
        assert!(matches!(asked, Err(Fault::Missing { .. } | Fault::Unreadable { .. })), "{asked:?}");
    }

    #[test]
    fn an_answer_that_does_not_come_is_a_fault() {
        // A request for nothing, without asking for an acknowledgement, is not answered.
        let request = Request::new(1, 0x1, 1, &[]);
        let asked = ask_within(Protocol::Route, request, Duration::from_millis(20), |_| Ok(()));
        assert_eq!(asked, Err(Fault::Timeout { what: "netlink route".to_owned(), after_ms: 20 }));
    }

    #[test]
    fn a_datagram_that_is_cut_is_a_fault() {
        let whole = Request::new(GET_LINK, 0, 1, &[0; 40]).into_bytes();
        let mut taken = 0;
        let mut take = |_: Message<'_>| {
            taken += 1;
            Ok(())
        };
        assert_eq!(read(Protocol::Route, &whole, 1, &mut take), Ok(false));
        assert_eq!(read(Protocol::Route, &whole, 2, &mut take), Ok(false));
        assert!(read(Protocol::Route, &whole[..whole.len() - 1], 1, &mut take).is_err());
        assert_eq!(taken, 1, "a message of another question is passed over");
    }

    /// A kernel without the module that lists UDP sockets says so at the end of an empty list.
    #[test]
    fn a_list_that_broke_off_is_a_fault() {
        let done = |body: &[u8]| {
            let bytes = Request::new(MESSAGE_DONE, 0, 1, body).into_bytes();
            read(Protocol::Sockets, &bytes, 1, &mut |_| Ok(()))
        };
        assert_eq!((done(&[]), done(&[0; 4])), (Ok(true), Ok(true)));
        let missing = Fault::Missing { what: "netlink sock_diag".to_owned() };
        assert_eq!(done(&(-(Errno::ENOENT as i32)).to_ne_bytes()), Err(missing));
        assert!(done(&[1]).is_err());
    }
}
