//! What functions of templates make of texts.

use super::item::Item;

/// Space stands between two values of which neither is a text.
pub fn print(items: &[Item]) -> String {
    let mut out = String::new();
    for (index, item) in items.iter().enumerate() {
        let texts = [index.checked_sub(1).map(|before| &items[before]), Some(item)];
        if index > 0 && !texts.iter().any(|item| matches!(item, Some(Item::Text(_)))) {
            out.push(' ');
        }
        out.push_str(&item.to_text());
    }
    out
}

/// Each word with a capital.
pub fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars() {
        if begins {
            out.extend(c.to_uppercase())
        } else {
            out.push(c)
        }
        begins = !c.is_alphanumeric();
    }
    out
}

/// `host:80` without the port; an address in brackets without them.
pub fn strip_port(text: &str) -> String {
    match text.rsplit_once(':') {
        Some((host, _)) if host.starts_with('[') && host.ends_with(']') => host[1..host.len() - 1].to_owned(),
        Some((host, _)) if !host.contains(':') => host.to_owned(),
        _ => text.to_owned(),
    }
}

/// `host.example.org:80` as `host:80`; an address stays.
pub fn strip_domain(text: &str) -> String {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host, format!(":{port}")),
        _ => (text, String::new()),
    };
    if host.parse::<std::net::IpAddr>().is_ok() || host.contains(':') {
        return text.to_owned();
    }
    host.split('.').next().unwrap_or(host).to_owned() + &port
}

/// What HTML would take for its own is written otherwise.
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// As a value in the query of a URL.
pub fn escape_url(text: &str) -> String {
    let one = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}
