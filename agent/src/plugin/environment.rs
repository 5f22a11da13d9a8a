//! What a plugin finds in its environment: nothing of the daemon's, and what its format promises.

use super::spec::Plugin;
use hostward_formats::Format;
use hostward_plugin_host::CONFIG_VARIABLE;
use std::path::Path;

/// The only directories in which programs are looked for.
const SEARCH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Where Debian and others keep what Munin's plugins share.
const MUNIN_LIBRARY: &str = "/usr/share/munin";

/// The variables of a plugin whose own directory is `state`.
pub fn variables(plugin: &Plugin, state: &Path) -> Vec<(String, String)> {
    let seconds = plugin.every.as_secs().max(1).to_string();
    let state = state.display().to_string();
    let mut all = vec![
        ("PATH", SEARCH.to_owned()),
        ("LC_ALL", "C.UTF-8".to_owned()),
        ("HOME", state.clone()),
        ("TMPDIR", state.clone()),
        ("HOSTWARD_STATE", state.clone()),
        ("HOSTWARD_INTERVAL", seconds.clone()),
    ];
    all.extend(plugin.config.iter().map(|config| (CONFIG_VARIABLE, config.clone())));
    all.extend(match plugin.format {
        Format::Munin => munin(plugin, &state),
        Format::Netdata => netdata(&seconds, &state),
        Format::Collectd => {
            vec![("COLLECTD_HOSTNAME", "localhost".to_owned()), ("COLLECTD_INTERVAL", seconds)]
        }
        _ => Vec::new(),
    });
    let own = plugin.environment.iter().map(|(name, value)| (name.clone(), value.clone()));
    all.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(own).collect()
}

fn munin(plugin: &Plugin, state: &str) -> Vec<(&'static str, String)> {
    vec![
        ("MUNIN_LIBDIR", MUNIN_LIBRARY.to_owned()),
        ("MUNIN_PLUGSTATE", state.to_owned()),
        ("MUNIN_STATEFILE", format!("{state}/{}-hostward", plugin.name)),
        ("MUNIN_CAP_MULTIGRAPH", "1".to_owned()),
        ("MUNIN_CAP_DIRTYCONFIG", "1".to_owned()),
        ("MUNIN_DEBUG", "0".to_owned()),
        ("MUNIN_MASTER_IP", "-".to_owned()),
    ]
}

fn netdata(seconds: &str, state: &str) -> Vec<(&'static str, String)> {
    vec![
        ("NETDATA_UPDATE_EVERY", seconds.to_owned()),
        ("NETDATA_CACHE_DIR", state.to_owned()),
        ("NETDATA_LIB_DIR", state.to_owned()),
        ("NETDATA_HOST_PREFIX", String::new()),
        ("NETDATA_USER_CONFIG_DIR", "/etc/netdata".to_owned()),
        ("NETDATA_STOCK_CONFIG_DIR", "/usr/lib/netdata/conf.d".to_owned()),
    ]
}
