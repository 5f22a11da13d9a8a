//! The metrics of units.

crate::cgroup::columns!("hostward_unit", "a unit", "unit");
