//! A file, its changes, and what is served by it.

use super::*;
use std::fs;

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hostward-web-{name}-{}.yml", std::process::id()));
        fs::write(&path, text).unwrap();
        Scratch(path)
    }

    /// Beside it and over it, so that it is another file.
    fn replace(&self, text: &str) {
        let new = self.0.with_extension("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, &self.0).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// As if nobody had looked for a while.
async fn later(web: &Web) -> Arc<Settings> {
    web.0.as_ref().unwrap().state().looked -= 2 * LOOK_EVERY;
    web.current().await
}

const DENY: &str = "http_server_config:\n  headers:\n    X-Frame-Options: deny\n    X-XSS-Protection: \"\"\n";

#[tokio::test]
async fn a_change_is_taken_and_a_broken_file_is_not() {
    let file = Scratch::new("reload", "");
    let web = Web::open(Some(&file.0)).unwrap();
    assert!(web.current().await.headers.is_empty());
    file.replace(DENY);
    assert!(web.current().await.headers.is_empty(), "nobody looks again within a second");
    let denied = [(header::X_FRAME_OPTIONS, HeaderValue::from_static("deny"))];
    assert_eq!(later(&web).await.headers, denied);
    for broken in
        ["http_server_confg:\n", "tls_server_config:\n  cert_file: /nonexistent\n  key_file: /nonexistent\n"]
    {
        file.replace(broken);
        assert_eq!(later(&web).await.headers, denied, "{broken}");
    }
    fs::remove_file(&file.0).unwrap();
    assert_eq!(later(&web).await.headers, denied);
    file.replace("");
    assert!(later(&web).await.headers.is_empty());
}

#[test]
fn a_broken_file_stops_the_start_and_is_named_with_its_line() {
    let file = Scratch::new("start", "# web\nhttp_server_config:\n  http3: true\n");
    let error = Web::open(Some(&file.0)).err().unwrap();
    assert!(error.starts_with(&format!("{}:3: ", file.0.display())) && error.contains("http3"), "{error}");
    let error = Web::open(Some(Path::new("/nonexistent/web.yml"))).err().unwrap();
    assert!(error.starts_with("/nonexistent/web.yml: "), "{error}");
}

#[tokio::test]
async fn a_limit_is_kept_over_a_change_of_something_else() {
    let limited = "rate_limit: {interval: 1h, burst: 2}\n";
    let file = Scratch::new("limit", limited);
    let web = Web::open(Some(&file.0)).unwrap();
    assert!(web.has_room());
    file.replace(&format!("{limited}{DENY}"));
    assert_eq!(later(&web).await.headers.len(), 1);
    assert_eq!([web.has_room(), web.has_room()], [true, false]);
    file.replace("rate_limit: {interval: 1h, burst: 1}\n");
    later(&web).await;
    assert!(web.has_room());
}

#[tokio::test]
async fn without_a_file_everybody_is_served_plainly() {
    let web = Web::open(None).unwrap();
    let settings = web.current().await;
    assert!(!web.is_tls() && web.has_room() && settings.headers.is_empty());
    assert_eq!(web.admit(&settings, None).await, Verdict::Right);
}
