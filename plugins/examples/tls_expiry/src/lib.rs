//! `tls_expiry`: when the certificates in files, and those that servers show, begin and cease to be valid.
//!
//! Configuration: `{"files": ["/etc/ssl/site.pem"], "servers": ["www.example.org:443", "[::1]:8443"]}`. Servers need the grant `network`,
//! files that are not below `/etc` the grant to read them. Whether a certificate is trusted is not judged: also one that nobody
//! trusts expires. A source that cannot be read is down, with the reason in the log, and costs no other source.

mod server;

use hostward_probe::{Batch, Description, Failure, Level, Metric, Need, Probe, export_probe};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::Decode;

/// Most sources of each kind.
const SOURCES_MAX: usize = 64;
/// Most certificates of one source that are told: the first ones, which are the host's own and those that signed it.
const CERTIFICATES_MAX: usize = 5;

const UP: Metric = Metric::gauge("tls_expiry_up", "Whether certificates could be read from the source.")
    .labels(&["source"])
    .series_max(128);
const NOT_BEFORE: Metric =
    Metric::gauge("tls_expiry_not_before_timestamp_seconds", "When the certificate begins to be valid.")
        .unit("seconds")
        .labels(&["source", "position", "subject"])
        .series_max(640);
const NOT_AFTER: Metric =
    Metric::gauge("tls_expiry_not_after_timestamp_seconds", "When the certificate expires.")
        .unit("seconds")
        .labels(&["source", "position", "subject"])
        .series_max(640);

/// The configuration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsExpiry {
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    servers: Vec<String>,
}

impl Probe for TlsExpiry {
    const DESCRIPTION: Description = Description {
        interval: std::time::Duration::from_secs(300),
        timeout: std::time::Duration::from_secs(20),
        needs: &[Need::Network],
        config_schema: r#"{"type":"object","additionalProperties":false,"properties":{
            "files":{"type":"array","items":{"type":"string"}},
            "servers":{"type":"array","items":{"type":"string"}}}}"#,
        ..Description::new("tls_expiry", "1.0", "When TLS certificates expire.", &[UP, NOT_BEFORE, NOT_AFTER])
    };

    fn new(config: &str) -> Result<Self, Failure> {
        let own: TlsExpiry =
            serde_json::from_str(config).map_err(|error| Failure::config(error.to_string()))?;
        match own.files.len().max(own.servers.len()) {
            0 => Err(Failure::config("nothing to look at: set files or servers")),
            count if count > SOURCES_MAX => {
                Err(Failure::config(format!("{count} sources are more than {SOURCES_MAX}")))
            }
            _ => Ok(own),
        }
    }

    fn collect(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure> {
        for file in &self.files {
            tell(batch, file, in_file(file))?;
        }
        for server in &self.servers {
            let shown = server::certificates(server, batch.time_left());
            tell(batch, server, shown)?;
        }
        Ok(())
    }
}

export_probe!(TlsExpiry);

type Certificates = Result<Vec<CertificateDer<'static>>, String>;

fn in_file(file: &str) -> Certificates {
    let read = CertificateDer::pem_file_iter(file).map_err(|error| error.to_string())?;
    read.take(CERTIFICATES_MAX).collect::<Result<_, _>>().map_err(|error| error.to_string())
}

fn tell(batch: &mut Batch<'_>, source: &str, certificates: Certificates) -> Result<(), Failure> {
    let read = certificates.and_then(|ders| ders.iter().map(|der| read(der)).collect::<Result<Vec<_>, _>>());
    let read =
        read.and_then(|read| if read.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(read) });
    match &read {
        Ok(read) => {
            for (position, (subject, not_before, not_after)) in read.iter().take(CERTIFICATES_MAX).enumerate()
            {
                let labels = [source, &position.to_string(), subject];
                batch.emit(&NOT_BEFORE, &labels, *not_before)?;
                batch.emit(&NOT_AFTER, &labels, *not_after)?;
            }
        }
        Err(why) => batch.log(Level::Warning, &format!("{source}: {why}")),
    }
    batch.emit(&UP, &[source], f64::from(u8::from(read.is_ok())))
}

/// Subject, and both ends of validity in seconds since the Unix epoch. Certificates in the wild do not keep every rule that the
/// strict profile of the parser asks for.
fn read(der: &[u8]) -> Result<(String, f64, f64), String> {
    let certificate =
        CertificateInner::<Raw>::from_der(der).map_err(|error| format!("no certificate: {error}"))?;
    let of = certificate.tbs_certificate();
    let seconds = |time: &x509_cert::time::Time| time.to_unix_duration().as_secs_f64();
    Ok((of.subject().to_string(), seconds(&of.validity().not_before), seconds(&of.validity().not_after)))
}

#[cfg(test)]
mod tests {
    use super::TlsExpiry;
    use hostward_probe::testing::collect;

    #[test]
    fn a_file_is_read() {
        let config = r#"{"files":["testdata/cert.pem","testdata/none.pem"]}"#;
        assert_eq!(
            collect::<TlsExpiry>(config).unwrap(),
            "tls_expiry_not_before_timestamp_seconds{source=\"testdata/cert.pem\",position=\"0\",subject=\"CN=hostward.test\"} 1795273004\n\
             tls_expiry_not_after_timestamp_seconds{source=\"testdata/cert.pem\",position=\"0\",subject=\"CN=hostward.test\"} 4128073004\n\
             tls_expiry_up{source=\"testdata/cert.pem\"} 1\n\
             tls_expiry_up{source=\"testdata/none.pem\"} 0\n"
        );
    }

    #[test]
    fn a_server_that_is_not_there_is_down() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        drop(taken);
        let config = format!(r#"{{"servers":["{address}"]}}"#);
        assert_eq!(
            collect::<TlsExpiry>(&config).unwrap(),
            format!("tls_expiry_up{{source=\"{address}\"}} 0\n")
        );
    }

    #[test]
    fn a_configuration_that_says_nothing_is_refused() {
        for (config, why) in [
            ("{}", "nothing to look at: set files or servers"),
            (r#"{"hosts":[]}"#, "unknown field `hosts`, expected `files` or `servers` at line 1 column 8"),
        ] {
            assert_eq!(collect::<TlsExpiry>(config).unwrap_err().reason, why);
        }
    }
}
