//! Containers on hosts of each kind.

use super::*;
use crate::testing::Tree;
use expect_test::expect;

const WEB: &str = "3f4b1f9de0f64bd2b7b0d8f0a3a1c6e23f4b1f9de0f64bd2b7b0d8f0a3a1c6e2";
const JOB: &str = "aaaa1f9de0f64bd2b7b0d8f0a3a1c6e23f4b1f9de0f64bd2b7b0d8f0a3a1c6e2";

#[test]
fn names_come_from_the_files_of_the_runtimes() {
    let tree = Tree::of_lines(&format!(
            "
/sys/fs/cgroup/cgroup.controllers memory|
/sys/fs/cgroup/system.slice/nginx.service/memory.current 5|
/sys/fs/cgroup/system.slice/docker-{WEB}.scope/memory.current 100|
/sys/fs/cgroup/system.slice/docker-{JOB}.scope/memory.current 200|
/sys/fs/cgroup/system.slice/docker-{JOB}.scope/cpu.stat user_usec 5000000|system_usec 0|
/sys/fs/cgroup/machine.slice/libpod-{WEB}.scope/container/memory.current 7|
/sys/fs/cgroup/machine.slice/libpod-{WEB}.scope/memory.current 300|
/sys/fs/cgroup/machine.slice/libpod-conmon-{WEB}.scope/memory.current 1|
/sys/fs/cgroup/kubepods.slice/kubepods-pod1.slice/cri-containerd-{JOB}.scope/memory.current 400|
/sys/fs/cgroup/lxc.payload.db/system.slice/ssh.service/memory.current 1|
/sys/fs/cgroup/lxc.payload.db/memory.current 500|
/var/lib/docker/containers/{WEB}/config.v2.json {{\"ID\":\"{WEB}\",\"Name\":\"/web\",\"Config\":{{}}}}
/var/lib/docker/containers/{JOB}/config.v2.json {{\"ID\":
/var/lib/containers/storage/overlay-containers/containers.json [{{\"id\":\"{WEB}\",\"names\":[\"blog\"],\"image\":\"x\"}}]
/var/log/containers/api-7d9f_prod_server-{JOB}.log
"
        ),
    );
    expect![[r#"
        hostward_container_memory_bytes{container="prod/api-7d9f/server",runtime="containerd"} 400
        hostward_container_cgroups{container="prod/api-7d9f/server",runtime="containerd"} 1
        hostward_container_cpu_seconds_total{container="aaaa1f9de0f6",runtime="docker",mode="user"} 5
        hostward_container_cpu_seconds_total{container="aaaa1f9de0f6",runtime="docker",mode="system"} 0
        hostward_container_memory_bytes{container="aaaa1f9de0f6",runtime="docker"} 200
        hostward_container_cgroups{container="aaaa1f9de0f6",runtime="docker"} 1
        hostward_container_memory_bytes{container="web",runtime="docker"} 100
        hostward_container_cgroups{container="web",runtime="docker"} 1
        hostward_container_memory_bytes{container="db",runtime="lxc"} 500
        hostward_container_cgroups{container="db",runtime="lxc"} 1
        hostward_container_memory_bytes{container="blog",runtime="podman"} 300
        hostward_container_cgroups{container="blog",runtime="podman"} 1
    "#]]
    .assert_eq(&tree.shown(&SPEC));
}

#[test]
fn version_1_without_systemd() {
    let tree = Tree::of_lines(&format!(
        "
/sys/fs/cgroup/memory/docker/{WEB}/memory.usage_in_bytes 100|
/sys/fs/cgroup/memory/docker/{WEB}/memory.limit_in_bytes 4096|
/sys/fs/cgroup/cpuacct/docker/{WEB}/cpuacct.stat user 5|system 7|
/sys/fs/cgroup/memory/kubepods/besteffort/pod1/{JOB}/memory.usage_in_bytes 50|
"
    ));
    expect![[r#"
        hostward_container_cpu_seconds_total{container="3f4b1f9de0f6",runtime="docker",mode="user"} 0.05
        hostward_container_cpu_seconds_total{container="3f4b1f9de0f6",runtime="docker",mode="system"} 0.07
        hostward_container_memory_bytes{container="3f4b1f9de0f6",runtime="docker"} 100
        hostward_container_memory_limit_bytes{container="3f4b1f9de0f6",runtime="docker"} 4096
        hostward_container_cgroups{container="3f4b1f9de0f6",runtime="docker"} 1
        hostward_container_memory_bytes{container="aaaa1f9de0f6",runtime="kubernetes"} 50
        hostward_container_cgroups{container="aaaa1f9de0f6",runtime="kubernetes"} 1
    "#]]
    .assert_eq(&tree.shown(&SPEC));
}

#[test]
fn a_host_without_containers_says_so() {
    let tree = Tree::of_lines("/sys/fs/cgroup/memory/app/memory.usage_in_bytes 1");
    expect!["fault missing: containers below /sys/fs/cgroup/memory: not on this host\n"]
        .assert_eq(&tree.shown(&SPEC));
}
