//! `hostward-plugin-host`: the child as a program of its own, which is small. Where it is missing, hostward itself becomes the child.

fn main() -> std::process::ExitCode {
    hostward_plugin_host::run(std::env::args_os().skip(1))
}
