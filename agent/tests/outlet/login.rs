//! Basic authentication and the limit on requests.

use crate::agent::Agent;
use crate::pki::text;
use crate::support::Scratch;
use std::time::{Duration, Instant};

/// A file with one user, whose password takes as long to check as usual.
pub fn user(name: &str, password: &str) -> String {
    let hash = bcrypt::hash_with_salt(password, 10, *b"sixteen bytes of").unwrap();
    format!("basic_auth_users:\n  {name}: {hash}\n")
}

fn start(scratch: &Scratch, web: &str) -> Agent {
    scratch.write("web.yml", web);
    Agent::start(scratch, &format!("web_config = {:?}\n", text(scratch, "web.yml")))
}

#[test]
fn only_users_are_let_in_and_a_change_is_taken() {
    let scratch = Scratch::new("users");
    let agent = start(&scratch, &user("alice", "secret"));
    let status = |login: &str| agent.get("/metrics", &["--user", login]).status;
    let answer = agent.get("/metrics", &[]);
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("basic")));
    assert_eq!(["alice:secret", "alice:wrong", "alice:", "bob:secret"].map(status), [200, 401, 401, 401]);
    scratch.write("web.yml", &user("bob", "other"));
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(["alice:secret", "bob:other", "bob:secret"].map(status), [401, 200, 401]);
}

#[test]
fn a_flood_of_wrong_passwords_keeps_no_scraper_out() {
    let scratch = Scratch::new("flood");
    let agent = start(&scratch, &user("alice", "secret"));
    std::thread::scope(|scope| {
        let right: Vec<_> = (0..60)
            .map(|_| scope.spawn(|| agent.get("/-/healthy", &["--user", "alice:secret"]).status))
            .collect();
        assert!(
            right.into_iter().all(|thread| thread.join().unwrap() == 200),
            "all of them, before it was checked once"
        );
        let wrong: Vec<_> = (0..60)
            .map(|n| {
                let (agent, login) = (&agent, format!("alice:{n}"));
                scope.spawn(move || agent.get("/-/healthy", &["--user", &login]).status)
            })
            .collect();
        let begun = Instant::now();
        for _ in 0..10 {
            assert_eq!(agent.get("/-/healthy", &["--user", "alice:secret"]).status, 200);
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        let statuses: Vec<_> = wrong.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(statuses.iter().all(|status| [401, 503].contains(status)), "{statuses:?}");
        assert!(statuses.contains(&401) && statuses.contains(&503), "{statuses:?}");
    });
}

#[test]
fn requests_beyond_the_limit_are_refused() {
    let scratch = Scratch::new("limit");
    let agent = start(&scratch, "rate_limit:\n  interval: 1h\n  burst: 3\n");
    let statuses = [(); 4].map(|()| agent.get("/-/healthy", &[]).status);
    assert_eq!(statuses, [200, 200, 200, 429]);
}
