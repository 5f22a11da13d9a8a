//! A receiver that writes down what it gets.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    /// In lower case.
    pub head: String,
    pub bytes: Vec<u8>,
    pub body: Value,
}

/// A server on loopback.
pub struct Recorder {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    status: Arc<AtomicU16>,
}

impl Recorder {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = Recorder {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            status: Arc::new(AtomicU16::new(200)),
        };
        let (seen, status) = (own.seen.clone(), own.status.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, status) = (seen.clone(), status.clone());
                std::thread::spawn(move || answer(&stream.unwrap(), &seen, &status));
            }
        });
        own
    }

    /// What it answers from now on.
    pub fn say(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// Everything that it took.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// `flag status` of each alert that it took, in order.
    pub fn told(&self) -> Vec<String> {
        let word = |own: &Value| {
            format!(
                "{} {}",
                own["labels"]["flag"].as_str().unwrap_or("-"),
                own["status"].as_str().unwrap_or("-")
            )
        };
        let seen = self.seen();
        seen.iter().flat_map(|own| own.body["alerts"].as_array().into_iter().flatten()).map(word).collect()
    }
}

fn answer(stream: &TcpStream, seen: &Mutex<Vec<Request>>, status: &AtomicU16) {
    let mut reader = BufReader::new(stream);
    // Go's clients keep their connections.
    while let Some(request) = read(&mut reader) {
        let status = status.load(Ordering::SeqCst);
        if status == 200 {
            seen.lock().unwrap().push(request);
        }
        let answer = format!("HTTP/1.1 {status} said so\r\nContent-Length: 2\r\n\r\nok");
        if (&mut &*stream).write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let (mut head, mut line) = (String::new(), String::new());
    while reader.read_line(&mut line).ok()? > 2 {
        head += &std::mem::take(&mut line);
    }
    let path = head.split(' ').nth(1)?.to_owned();
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut bytes = vec![0; length.map_or(0, |text| text.trim().parse().unwrap())];
    reader.read_exact(&mut bytes).ok()?;
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Some(Request { path, head, bytes, body })
}
