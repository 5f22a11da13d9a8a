//! The examples in C and C++ say what they should, confined as they would be. The one in Rust has tests of its own.

use crate::support::{ask_with, built};
use expect_test::{expect, expect_file};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

fn source(name: &str) -> String {
    format!("{}/../examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn answer(confinement: &str, object: &Path, config: &str) -> String {
    String::from_utf8(ask_with(confinement, object, config, 1).stdout).unwrap()
}

#[test]
fn wear_is_read_from_sysfs() {
    let object =
        built("example_wear", Path::new(&source("wear.c")), &["-std=c11", "-Wall", "-Wextra", "-Werror"]);
    let sysfs = source("testdata/sys");
    let grant = format!("{{\"read\":[{sysfs:?}]}}");
    let said = answer(&grant, &object, &format!("{{\"sysfs\": {sysfs:?}}}"));
    expect_file!["../../../examples/testdata/wear.prom"].assert_eq(&said);
    let said = answer("{}", &object, "{\"sysfs\":\"/usr/share\"}");
    assert_eq!(said, "# STATUS UNAVAILABLE no battery, eMMC or UFS that tells its wear\n# EOF\n");
}

/// A server that answers once.
fn nginx(text: &'static str) -> (u16, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut asked = [0; 500];
        let length = socket.read(&mut asked).unwrap();
        socket.write_all(text.as_bytes()).unwrap();
        String::from_utf8(asked[..length].to_vec()).unwrap()
    });
    (port, served)
}

#[test]
fn nginx_is_asked_over_the_network() {
    let flags = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-lstdc++"];
    let object = built("example_nginx", Path::new(&source("nginx_status.cpp")), &flags);
    let (port, served) = nginx(
        "HTTP/1.1 200 OK\r\n\r\nActive connections: 291 \nserver accepts handled requests\n 16630948 16630946 31070465 \n\
         Reading: 6 Writing: 179 Waiting: 106 \n",
    );
    let config = format!("{{\"port\":{port},\"path\":\"/status\"}}");
    expect![[r##"
        # HELP nginx_up 1: the page was there.
        # TYPE nginx_up gauge
        nginx_up 1
        # HELP nginx_connections Client connections by what they are doing.
        # TYPE nginx_connections gauge
        nginx_connections{state="active"} 291
        nginx_connections{state="reading"} 6
        nginx_connections{state="writing"} 179
        nginx_connections{state="waiting"} 106
        # HELP nginx_connections_accepted Accepted client connections.
        # TYPE nginx_connections_accepted counter
        nginx_connections_accepted_total 16630948
        # HELP nginx_connections_handled Handled client connections; fewer than accepted if nginx ran into a limit.
        # TYPE nginx_connections_handled counter
        nginx_connections_handled_total 16630946
        # HELP nginx_http_requests Client requests.
        # TYPE nginx_http_requests counter
        nginx_http_requests_total 31070465
        # EOF
    "##]]
    .assert_eq(&answer("{\"network\":true}", &object, &config));
    assert!(served.join().unwrap().starts_with("GET /status HTTP/1.0\r\nHost: localhost\r\n"));
    let (port, _served) = nginx("HTTP/1.1 404 Not Found\r\n\r\n");
    let said = answer("{\"network\":true}", &object, &format!("{{\"port\":{port}}}"));
    assert_eq!(said, "# STATUS ERROR not the page of stub_status: HTTP/1.1 404 Not Found\n# EOF\n");
    let said = answer("{}", &object, "{}");
    assert_eq!(said, "# STATUS PERMISSION socket: Operation not permitted\n# EOF\n");
}
