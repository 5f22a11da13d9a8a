//! What systemctl prints, as text.

use super::*;
use crate::Value;
use crate::testing::check;
use expect_test::expect;

/// systemd 252 on Debian 12: `systemctl show --all '*'`, a few units of it.
const ANSWER: &str = include_str!("debian-12.txt");

#[test]
fn units_of_every_kind() {
    let mut settings = Settings::new(SPEC.settings);
    for name in ["enable_task_metrics", "enable_restarts_metrics", "enable_start_time_metrics"] {
        settings.set(name, Value::Flag(true)).unwrap();
    }
    let wanted = Wanted::new(&settings);
    let parse = |text: &str, out: &mut Batch| units(text, &wanted, out);
    check(
        parse,
        ANSWER,
        expect![[r#"
        node_systemd_unit_state{name="flappy.service",state="active",type="simple"} 0
        node_systemd_unit_state{name="flappy.service",state="activating",type="simple"} 0
        node_systemd_unit_state{name="flappy.service",state="deactivating",type="simple"} 0
        node_systemd_unit_state{name="flappy.service",state="inactive",type="simple"} 0
        node_systemd_unit_state{name="flappy.service",state="failed",type="simple"} 1
        node_systemd_service_restart_total{name="flappy.service"} 5
        node_systemd_unit_tasks_max{name="flappy.service"} 28909
        node_systemd_unit_state{name="systemd-tmpfiles-clean.timer",state="active",type=""} 1
        node_systemd_unit_state{name="systemd-tmpfiles-clean.timer",state="activating",type=""} 0
        node_systemd_unit_state{name="systemd-tmpfiles-clean.timer",state="deactivating",type=""} 0
        node_systemd_unit_state{name="systemd-tmpfiles-clean.timer",state="inactive",type=""} 0
        node_systemd_unit_state{name="systemd-tmpfiles-clean.timer",state="failed",type=""} 0
        node_systemd_unit_start_time_seconds{name="systemd-tmpfiles-clean.timer"} 1795247814
        node_systemd_timer_last_trigger_seconds{name="systemd-tmpfiles-clean.timer"} 1795248715
        node_systemd_unit_state{name="dbus.socket",state="active",type=""} 1
        node_systemd_unit_state{name="dbus.socket",state="activating",type=""} 0
        node_systemd_unit_state{name="dbus.socket",state="deactivating",type=""} 0
        node_systemd_unit_state{name="dbus.socket",state="inactive",type=""} 0
        node_systemd_unit_state{name="dbus.socket",state="failed",type=""} 0
        node_systemd_unit_start_time_seconds{name="dbus.socket"} 1795247814
        node_systemd_socket_accepted_connections_total{name="dbus.socket"} 0
        node_systemd_socket_current_connections{name="dbus.socket"} 0
        node_systemd_socket_refused_connections_total{name="dbus.socket"} 0
        node_systemd_unit_state{name="systemd-initctl.socket",state="active",type=""} 1
        node_systemd_unit_state{name="systemd-initctl.socket",state="activating",type=""} 0
        node_systemd_unit_state{name="systemd-initctl.socket",state="deactivating",type=""} 0
        node_systemd_unit_state{name="systemd-initctl.socket",state="inactive",type=""} 0
        node_systemd_unit_state{name="systemd-initctl.socket",state="failed",type=""} 0
        node_systemd_unit_start_time_seconds{name="systemd-initctl.socket"} 1795247814
        node_systemd_socket_accepted_connections_total{name="systemd-initctl.socket"} 0
        node_systemd_socket_current_connections{name="systemd-initctl.socket"} 0
        node_systemd_socket_refused_connections_total{name="systemd-initctl.socket"} 0
        node_systemd_unit_state{name="apt-daily.timer",state="active",type=""} 1
        node_systemd_unit_state{name="apt-daily.timer",state="activating",type=""} 0
        node_systemd_unit_state{name="apt-daily.timer",state="deactivating",type=""} 0
        node_systemd_unit_state{name="apt-daily.timer",state="inactive",type=""} 0
        node_systemd_unit_state{name="apt-daily.timer",state="failed",type=""} 0
        node_systemd_unit_start_time_seconds{name="apt-daily.timer"} 1795247814
        node_systemd_unit_state{name="emergency.service",state="active",type="idle"} 0
        node_systemd_unit_state{name="emergency.service",state="activating",type="idle"} 0
        node_systemd_unit_state{name="emergency.service",state="deactivating",type="idle"} 0
        node_systemd_unit_state{name="emergency.service",state="inactive",type="idle"} 1
        node_systemd_unit_state{name="emergency.service",state="failed",type="idle"} 0
        node_systemd_service_restart_total{name="emergency.service"} 0
        node_systemd_unit_tasks_max{name="emergency.service"} 28909
        node_systemd_unit_state{name="dbus.service",state="active",type="notify"} 1
        node_systemd_unit_state{name="dbus.service",state="activating",type="notify"} 0
        node_systemd_unit_state{name="dbus.service",state="deactivating",type="notify"} 0
        node_systemd_unit_state{name="dbus.service",state="inactive",type="notify"} 0
        node_systemd_unit_state{name="dbus.service",state="failed",type="notify"} 0
        node_systemd_unit_start_time_seconds{name="dbus.service"} 1795247814
        node_systemd_service_restart_total{name="dbus.service"} 0
        node_systemd_unit_tasks_max{name="dbus.service"} 28909
        node_systemd_units{state="activating"} 0
        node_systemd_units{state="active"} 7
        node_systemd_units{state="deactivating"} 0
        node_systemd_units{state="failed"} 1
        node_systemd_units{state="inactive"} 2
    "#]],
    );
    check(
        parse,
        "Id=\nnonsense\n\n=\n\nLoadState=loaded\nId=x.timer\nLastTriggerUSec=soon\n",
        expect![[r#"
            fault malformed: systemctl show:1: expected units, found "Id="
        "#]],
    );
}

#[test]
fn the_system() {
    let parse = |text: &str, out: &mut Batch| {
        system(text, out);
        Ok(())
    };
    check(
        parse,
        "Version=252.39-1~deb12u2\nVirtualization=kvm\nSystemState=degraded\n",
        expect![[r#"
            node_systemd_version{version="252.39-1~deb12u2"} 252.39
            node_systemd_virtualization_info{virtualization_type="kvm"} 1
            node_systemd_system_running 0
        "#]],
    );
    check(
        parse,
        "Version=v257\nVirtualization=\n",
        expect![[r#"
        node_systemd_virtualization_info{virtualization_type="none"} 1
    "#]],
    );
    check(
        parse,
        "Version=257\nSystemState=running\n",
        expect![[r#"
        node_systemd_version{version="257"} 257
        node_systemd_virtualization_info{virtualization_type="none"} 1
        node_systemd_system_running 1
    "#]],
    );
}
