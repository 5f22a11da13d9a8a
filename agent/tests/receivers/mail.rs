//! A letter over SMTP with STARTTLS to a server of a few lines.

use crate::flags::{prepare, raise, start};
use crate::pki::{household, text};
use crate::support::{Scratch, eventually};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

fn say(stream: &mut impl Write, line: &str) {
    stream.write_all(format!("{line}\r\n").as_bytes()).unwrap();
    stream.flush().unwrap();
}

fn hear(stream: &mut impl BufRead) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// Offers nothing but STARTTLS, then takes one letter.
fn serve(stream: TcpStream, config: Arc<ServerConfig>) -> String {
    let mut plain = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    say(&mut plain, "220 mail.example.org");
    assert!(hear(&mut reader).starts_with("EHLO"));
    say(&mut plain, "250-mail.example.org\r\n250 STARTTLS");
    assert_eq!(hear(&mut reader), "STARTTLS");
    say(&mut plain, "220 go ahead");
    let tls = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    let mut stream = BufReader::new(tls);
    let mut letter = String::new();
    loop {
        let line = hear(&mut stream);
        let answer = match line.split(' ').next().unwrap() {
            "EHLO" => "250-mail.example.org\r\n250 AUTH PLAIN",
            "AUTH" => {
                letter += &format!("{line}\n");
                "235 welcome"
            }
            "MAIL" | "RCPT" => {
                letter += &format!("{line}\n");
                "250 ok"
            }
            "DATA" => "354 go ahead",
            "QUIT" | "" => return letter,
            _ => "500 what?",
        };
        say(stream.get_mut(), answer);
        if line == "DATA" {
            loop {
                match hear(&mut stream).as_str() {
                    "." => break,
                    line => letter += &format!("{line}\n"),
                }
            }
            say(stream.get_mut(), "250 taken");
            return letter;
        }
    }
}

#[test]
fn a_letter_goes_over_tls_only() {
    let scratch = Scratch::new("mail");
    household(&scratch);
    let password = scratch.write("password", "s3cret\n");
    std::fs::set_permissions(&password, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let (certificate, key) = (scratch.path("server.crt"), scratch.path("server.key"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let chain = vec![CertificateDer::from_pem_file(certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let letters = Arc::new(Mutex::new(Vec::new()));
    let kept = letters.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let letter = serve(stream.unwrap(), config.clone());
            kept.lock().unwrap().push(letter);
        }
    });
    prepare(
        &scratch,
        &format!(
            "[receivers.mail]\ntype = \"email\"\nserver = \"localhost:{port}\"\nfrom = \"hostward <hostward@example.org>\"\n\
             to = [\"ann@example.org\"]\nca_file = {:?}\nusername = \"hostward\"\npassword_file = {password:?}\n\
             group_wait = \"0s\"\n",
            text(&scratch, "ca.crt")
        ),
    );
    let _daemon = start(&scratch);
    raise(&scratch, &["a"]);
    eventually("the letter", || !letters.lock().unwrap().is_empty());
    let letter = letters.lock().unwrap()[0].clone();
    for words in [
        "AUTH PLAIN AGhvc3R3YXJkAHMzY3JldA==",
        "MAIL FROM:<hostward@example.org>",
        "RCPT TO:<ann@example.org>",
        "Subject: [FIRING 1] Flag on web1",
        "FIRING Flag (warning): flag a",
    ] {
        assert!(letter.contains(words), "{words} in {letter}");
    }
}
