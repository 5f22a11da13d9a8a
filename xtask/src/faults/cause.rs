//! What makes each fault. A cause lasts until it is dropped, and none takes more than 1.5 GB of memory or 1 GB of disk.

use super::place::Place;
use super::worker::Worker;
use crate::Outcome;
use std::any::Any;
use std::fs::File;
use std::io::Write;
use std::net::UdpSocket;
use std::process::Command;
use std::time::Duration;

const MIB: usize = 1 << 20;
const AT_ONCE: Duration = Duration::ZERO;

/// What keeps a fault going.
pub type Cause = Vec<Box<dyn Any>>;

fn both(turn: impl Fn(usize) + Clone + Send + 'static) -> Cause {
    (0..2).map(|_| Box::new(Worker::start(AT_ONCE, turn.clone())) as Box<dyn Any>).collect()
}

fn one(worker: Worker) -> Outcome<Cause> {
    Ok(vec![Box::new(worker)])
}

/// Two threads that only count.
pub fn cpu(_: &Place) -> Outcome<Cause> {
    Ok(both(|_| {
        std::hint::black_box((0..20_000_000_u64).fold(0, |sum, number| sum ^ std::hint::black_box(number)));
    }))
}

/// 32 MiB in each second, up to 1.4 GiB.
pub fn memory(_: &Place) -> Outcome<Cause> {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    one(Worker::start(Duration::from_millis(250), move |_| {
        if taken.len() < 180 {
            taken.push(vec![0xa5; 8 * MIB]);
        }
    }))
}

/// 4 MiB in each second, up to 900 MiB.
pub fn disk_slowly(place: &Place) -> Outcome<Cause> {
    fill(place, 1, Duration::from_millis(250))
}

/// As fast as it goes, up to 900 MiB.
pub fn disk_fast(place: &Place) -> Outcome<Cause> {
    fill(place, 32, Duration::from_millis(20))
}

fn fill(place: &Place, mebibytes: usize, pause: Duration) -> Outcome<Cause> {
    let emptied = Emptied(place.small_disk().join("filling"));
    let mut file = File::create(&emptied.0).map_err(|error| format!("{}: {error}", emptied.0.display()))?;
    let chunk = vec![0x5a; mebibytes * MIB];
    let worker = Worker::start(pause, move |turn| {
        // A full disk is what it is about.
        let _ = if turn * mebibytes < 900 { file.write_all(&chunk) } else { Ok(()) };
    });
    Ok(vec![Box::new(worker), Box::new(emptied)])
}

/// Writes 256 MiB again and again, each time down to the disk.
pub fn io(place: &Place) -> Outcome<Cause> {
    let emptied = Emptied(place.scratch().join("storm"));
    let (path, chunk) = (emptied.0.clone(), vec![0x5a; 16 * MIB]);
    let worker = Worker::start(AT_ONCE, move |_| {
        let Ok(mut file) = File::create(&path) else { return };
        for _ in 0..16 {
            let _ = file.write_all(&chunk).and_then(|()| file.sync_data());
        }
    });
    Ok(vec![Box::new(worker), Box::new(emptied)])
}

/// 100 files in each second, up to 5,000 or what this process may have.
pub fn files(_: &Place) -> Outcome<Cause> {
    let mut open = Vec::new();
    one(Worker::start(Duration::from_millis(100), move |turn| {
        if turn < 500 {
            open.extend((0..10).filter_map(|_| File::open("/dev/null").ok()));
        }
    }))
}

/// Programs that end at once, as fast as two threads can start them.
pub fn forks(_: &Place) -> Outcome<Cause> {
    Ok(both(|_| drop(Command::new("true").status())))
}

/// Datagrams from one socket to another on loopback.
pub fn flood(_: &Place) -> Outcome<Cause> {
    let bind = || UdpSocket::bind("127.0.0.1:0");
    let pair = bind().and_then(|to| {
        to.set_read_timeout(Some(Duration::from_millis(200)))?;
        let from = bind()?;
        from.connect(to.local_addr()?)?;
        Ok((from, to))
    });
    let (from, to) = pair.map_err(|error| format!("a socket on loopback: {error}"))?;
    let (packet, mut read) = ([0_u8; 1400], [0_u8; 2048]);
    let send = Worker::start(AT_ONCE, move |_| (0..1000).for_each(|_| drop(from.send(&packet))));
    let receive = Worker::start(AT_ONCE, move |_| {
        (0..1000).take_while(|_| to.recv(&mut read).is_ok()).for_each(|_| ())
    });
    Ok(vec![Box::new(send), Box::new(receive)])
}

/// The clock that the agent sees goes forward by ten minutes, and back at the end. The host's own stays.
pub fn clock(place: &Place) -> Outcome<Cause> {
    place.set_clock("+600")?;
    Ok(vec![Box::new(ClockBack(place.clock_file().to_owned()))])
}

/// Five wrong passwords in each second.
pub fn logins(place: &Place) -> Outcome<Cause> {
    let log = File::options().append(true).open(place.auth_log());
    let mut log = log.map_err(|error| format!("{}: {error}", place.auth_log().display()))?;
    one(Worker::start(Duration::from_millis(200), move |turn| {
        let line = format!(
            "Nov 21 04:40:24 host sshd[{turn}]: Failed password for root from 192.0.2.1 port 49 ssh2\n"
        );
        drop(log.write_all(line.as_bytes()));
    }))
}

/// A file that goes with its fault.
struct Emptied(std::path::PathBuf);

impl Drop for Emptied {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            eprintln!("left behind: {}: {error}", self.0.display());
        }
    }
}

struct ClockBack(std::path::PathBuf);

impl Drop for ClockBack {
    fn drop(&mut self) {
        if let Err(error) = std::fs::write(&self.0, "+0\n") {
            eprintln!("{}: {error}", self.0.display());
        }
    }
}
