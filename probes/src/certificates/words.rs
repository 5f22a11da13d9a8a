//! Configurations as statements of words: nginx ends one with `;` or a brace, the others with the line.

use std::iter::Peekable;
use std::str::Chars;

/// Where a statement ends.
#[derive(Clone, Copy, PartialEq)]
pub enum End {
    /// `;`, `{` and `}`.
    Mark,
    /// The end of the line, unless a backslash stands before it.
    Line,
}

/// The statements of a text. A word may stand in quotes; `#` at the head of a word starts a remark.
pub fn statements(text: &str, end: End) -> Vec<Vec<String>> {
    let mut reader = Reader { statements: Vec::new(), words: Vec::new(), word: None };
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '#' if reader.word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            '\\' if chars.next_if_eq(&'\n').is_some() => reader.end_word(),
            '\\' => reader.add(chars.next().unwrap_or('\\')),
            '"' | '\'' => reader.quoted(c, &mut chars, end),
            '\n' if end == End::Line => reader.end_statement(),
            ';' | '{' | '}' if end == End::Mark => reader.end_statement(),
            c if c.is_whitespace() => reader.end_word(),
            c => reader.add(c),
        }
    }
    reader.end_statement();
    reader.statements
}

/// `name = value, value` as Postfix has it: a line that starts with a space goes on with the one before.
pub fn assignments(text: &str) -> Vec<Vec<String>> {
    let mut whole: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        match whole.last_mut().filter(|_| line.starts_with(char::is_whitespace)) {
            Some(before) => before.push_str(line),
            None => whole.push(line.to_owned()),
        }
    }
    whole
        .iter()
        .map(|line| {
            line.split(['=', ',', ' ', '\t']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        })
        .collect()
}

struct Reader {
    statements: Vec<Vec<String>>,
    words: Vec<String>,
    word: Option<String>,
}

impl Reader {
    fn add(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    /// Until the same mark again; in a configuration of lines, a mark that is missing ends with the line.
    fn quoted(&mut self, mark: char, chars: &mut Peekable<Chars<'_>>, end: End) {
        self.word.get_or_insert_default();
        while let Some(c) = chars.next_if(|c| *c != mark && !(*c == '\n' && end == End::Line)) {
            let escaped = (c == '\\').then(|| chars.next_if_eq(&mark)).flatten();
            self.add(escaped.unwrap_or(c));
        }
        chars.next_if_eq(&mark);
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }

    fn end_statement(&mut self) {
        self.end_word();
        if !self.words.is_empty() {
            self.statements.push(std::mem::take(&mut self.words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, end: End) -> Vec<String> {
        statements(text, end).iter().map(|words| words.join("|")).collect()
    }

    #[test]
    fn statements_of_nginx() {
        let text = "# remark; x\nhttp {\n  include /etc/nginx/*.conf;\n ssl_certificate \"/a b.pem\" ; # end\n\
            server{listen 443 ssl;if ($a ~ \"x;}\") {}}}\n";
        let expected = [
            "http",
            "include|/etc/nginx/*.conf",
            "ssl_certificate|/a b.pem",
            "server",
            "listen|443|ssl",
            "if|($a|~|x;})",
        ];
        assert_eq!(shown(text, End::Mark), expected);
    }

    #[test]
    fn lines_of_apache() {
        let text = "<VirtualHost *:443>\n  SSLCertificateFile \\\n   '/a.pem'\n#SSLCertificateFile /b\n\n</VirtualHost>";
        assert_eq!(
            shown(text, End::Line),
            ["<VirtualHost|*:443>", "SSLCertificateFile|/a.pem", "</VirtualHost>"]
        );
    }

    #[test]
    fn marks_within_marks() {
        let text = "LogFormat \"%h \\\"%r\\\" 'x'\" a\nnote it's open\nSSLCertificateFile /a.pem\n";
        let expected = ["LogFormat|%h \"%r\" 'x'|a", "note|its open", "SSLCertificateFile|/a.pem"];
        assert_eq!(shown(text, End::Line), expected);
    }

    #[test]
    fn assignments_of_postfix() {
        let text = "# x\nsmtpd_tls_chain_files=\n  /a.pem,\n# y\n\n\t/b.pem\nempty =\nmyhostname = a.org\n";
        let shown: Vec<_> = assignments(text).iter().map(|words| words.join("|")).collect();
        assert_eq!(shown, ["smtpd_tls_chain_files|/a.pem|/b.pem", "empty", "myhostname|a.org"]);
        assert_eq!(assignments("  x = 1"), [["x", "1"]]);
    }

    #[test]
    fn torn_text_ends_somewhere() {
        assert_eq!(shown("a \"b", End::Line), ["a|b"]);
        assert_eq!(shown("a\\", End::Mark), ["a\\"]);
        assert!(shown("#", End::Mark).is_empty() && shown("", End::Line).is_empty());
    }
}
