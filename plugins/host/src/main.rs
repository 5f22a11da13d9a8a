//! The child as a program of its own, for the tests of this crate; the daemon starts its own binary.

fn main() -> std::process::ExitCode {
    hostward_plugin_host::run(std::env::args_os().skip(1))
}
