//! Which mounts are looked at.

use super::mounts::Mount;
use crate::{Filter, Preset, Setting, Settings};

/// Unless set, what node_exporter looks at: rules and dashboards are written for that.
pub static SETTINGS: [Setting; 4] = [
    Setting {
        name: "mount_points_include",
        about: "Mount points that are looked at; all, unless set.",
        default: Preset::Pattern(""),
    },
    Setting {
        name: "mount_points_exclude",
        about: "Mount points that are left out.",
        default: Preset::Pattern(
            "(?s)/(dev|proc|sys|run/credentials/.+|var/lib/docker/.+|var/lib/containers/storage/.+)(/.*)?",
        ),
    },
    Setting {
        name: "fs_types_include",
        about: "Types of file systems that are looked at; all, unless set.",
        default: Preset::Pattern(""),
    },
    Setting {
        name: "fs_types_exclude",
        about: "Types of file systems that are left out; mostly those without space of their own.",
        default: Preset::Pattern(
            "autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|erofs|fusectl|hugetlbfs|iso9660|\
             mqueue|nsfs|overlay|procfs?|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs",
        ),
    },
];

/// The choice by both, mount point and type.
pub struct Choice {
    points: Filter,
    types: Filter,
}

impl Choice {
    pub fn new(settings: &Settings) -> Self {
        Choice {
            points: settings.filter("mount_points_include", "mount_points_exclude"),
            types: settings.filter("fs_types_include", "fs_types_exclude"),
        }
    }

    /// Whether a mount is looked at. Bytes that are not UTF-8 match as the sign that replaces them.
    pub fn takes(&self, mount: &Mount) -> bool {
        self.types.takes(&mount.fstype) && self.points.takes(&String::from_utf8_lossy(&mount.point))
    }
}
