//! The metrics of containers.

crate::cgroup::columns!("hostward_container", "a container", "container", "runtime");
