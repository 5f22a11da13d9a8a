//! The metrics of an NFS mount, in the order in which the kernel prints their values.

use hostward_model::Metric;

/// Labels of a mount.
pub const MOUNT: &[&str] = &["export", "mountaddr", "protocol"];
const OPERATION: &[&str] = &["export", "mountaddr", "protocol", "operation"];
const TRANSPORT: &[&str] = &["export", "mountaddr", "protocol", "transport"];

pub static INFO: Metric = Metric::gauge(
    "node_mountstats_nfs_mountpoint_info",
    "Where an export is mounted; the value is always 1.",
    &["export", "mountaddr", "protocol", "mountpoint"],
);
pub static AGE: Metric =
    Metric::counter("node_mountstats_nfs_age_seconds_total", "Time since the mount.", MOUNT);

/// Of the line `bytes:`.
pub static BYTES: [Metric; 8] = [
    Metric::counter("node_mountstats_nfs_read_bytes_total", "Bytes that programs read with read().", MOUNT),
    Metric::counter(
        "node_mountstats_nfs_write_bytes_total",
        "Bytes that programs wrote with write().",
        MOUNT,
    ),
    Metric::counter(
        "node_mountstats_nfs_direct_read_bytes_total",
        "Bytes that programs read past the cache (O_DIRECT).",
        MOUNT,
    ),
    Metric::counter(
        "node_mountstats_nfs_direct_write_bytes_total",
        "Bytes that programs wrote past the cache (O_DIRECT).",
        MOUNT,
    ),
    Metric::counter("node_mountstats_nfs_total_read_bytes_total", "Bytes read from the server.", MOUNT),
    Metric::counter("node_mountstats_nfs_total_write_bytes_total", "Bytes written to the server.", MOUNT),
    Metric::counter("node_mountstats_nfs_read_pages_total", "Pages read through memory maps.", MOUNT),
    Metric::counter("node_mountstats_nfs_write_pages_total", "Pages written through memory maps.", MOUNT),
];

const fn event(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, help, MOUNT)
}

/// Of the line `events:`, where one value between them is no longer used.
pub static EVENTS: [Metric; 26] = [
    event(
        "node_mountstats_nfs_event_inode_revalidate_total",
        "Times that attributes in the cache were checked with the server.",
    ),
    event(
        "node_mountstats_nfs_event_dnode_revalidate_total",
        "Times that names in the cache were checked with the server.",
    ),
    event(
        "node_mountstats_nfs_event_data_invalidate_total",
        "Times that the cached content of a file was dropped.",
    ),
    event(
        "node_mountstats_nfs_event_attribute_invalidate_total",
        "Times that the cached attributes of a file were dropped.",
    ),
    event("node_mountstats_nfs_event_vfs_open_total", "Times that a file or directory was opened."),
    event("node_mountstats_nfs_event_vfs_lookup_total", "Times that a name was looked up."),
    event("node_mountstats_nfs_event_vfs_access_total", "Times that permissions were checked."),
    event(
        "node_mountstats_nfs_event_vfs_update_page_total",
        "Updates of pages, which may have been written later.",
    ),
    event("node_mountstats_nfs_event_vfs_read_page_total", "Pages read one by one."),
    event("node_mountstats_nfs_event_vfs_read_pages_total", "Times that a group of pages was read."),
    event("node_mountstats_nfs_event_vfs_write_page_total", "Pages written one by one."),
    event("node_mountstats_nfs_event_vfs_write_pages_total", "Times that a group of pages was written."),
    event("node_mountstats_nfs_event_vfs_getdents_total", "Times that entries of a directory were read."),
    event("node_mountstats_nfs_event_vfs_setattr_total", "Times that attributes were set."),
    event(
        "node_mountstats_nfs_event_vfs_flush_total",
        "Times that writes that waited were forced out to the server.",
    ),
    event(
        "node_mountstats_nfs_event_vfs_fsync_total",
        "Times that fsync() was called on a file or directory.",
    ),
    event("node_mountstats_nfs_event_vfs_lock_total", "Times that a lock was asked for."),
    event("node_mountstats_nfs_event_vfs_file_release_total", "Times that a file was closed."),
    event("node_mountstats_nfs_event_truncation_total", "Times that a file was cut."),
    event(
        "node_mountstats_nfs_event_write_extension_total",
        "Times that a file grew because something was written past its end.",
    ),
    event("node_mountstats_nfs_event_silly_rename_total", "Times that a file was removed while it was open."),
    event(
        "node_mountstats_nfs_event_short_read_total",
        "Times that the server gave less than was asked for.",
    ),
    event(
        "node_mountstats_nfs_event_short_write_total",
        "Times that the server took less than it was given.",
    ),
    event(
        "node_mountstats_nfs_event_jukebox_delay_total",
        "Times that the server asked to come back later, because it had to fetch from slow storage.",
    ),
    event("node_mountstats_nfs_event_pnfs_read_total", "Reads past the server (pNFS)."),
    event("node_mountstats_nfs_event_pnfs_write_total", "Writes past the server (pNFS)."),
];
/// The place among the events of the value that is not used: waits for a congestion to end.
pub const EVENT_UNUSED: usize = 18;

/// Of the lines of operations, and how many of the kernel's units make one of the metric's.
pub static OPERATIONS: [(Metric, f64); 9] = [
    (
        Metric::counter(
            "node_mountstats_nfs_operations_requests_total",
            "Requests of an operation.",
            OPERATION,
        ),
        1.0,
    ),
    (
        Metric::counter(
            "node_mountstats_nfs_operations_transmissions_total",
            "Times that requests of an operation were sent, again included.",
            OPERATION,
        ),
        1.0,
    ),
    (
        Metric::counter(
            "node_mountstats_nfs_operations_major_timeouts_total",
            "Requests of an operation that were not answered in time.",
            OPERATION,
        ),
        1.0,
    ),
    (
        Metric::counter(
            "node_mountstats_nfs_operations_sent_bytes_total",
            "Bytes sent for an operation, headers included.",
            OPERATION,
        ),
        1.0,
    ),
    (
        Metric::counter(
            "node_mountstats_nfs_operations_received_bytes_total",
            "Bytes received for an operation, headers included.",
            OPERATION,
        ),
        1.0,
    ),
    (
        Metric::counter(
            "node_mountstats_nfs_operations_queue_time_seconds_total",
            "Time that requests of an operation waited to be sent.",
            OPERATION,
        ),
        1000.0,
    ),
    (
        Metric::counter(
            "node_mountstats_nfs_operations_response_time_seconds_total",
            "Time from sending requests of an operation to their answers.",
            OPERATION,
        ),
        1000.0,
    ),
    (
        Metric::counter(
            "node_mountstats_nfs_operations_request_time_seconds_total",
            "Time that requests of an operation took in all.",
            OPERATION,
        ),
        1000.0,
    ),
    (
        Metric::counter(
            "node_mountstats_nfs_operations_errors_total",
            "Requests of an operation that ended in an error.",
            OPERATION,
        ),
        1.0,
    ),
];

static BIND: Metric = Metric::counter(
    "node_mountstats_nfs_transport_bind_total",
    "Times that a port was bound to reach the server.",
    TRANSPORT,
);
static CONNECT: Metric = Metric::counter(
    "node_mountstats_nfs_transport_connect_total",
    "Times that a connection to the server was opened.",
    TRANSPORT,
);
static IDLE: Metric = Metric::gauge(
    "node_mountstats_nfs_transport_idle_time_seconds",
    "Time since the transport was last used.",
    TRANSPORT,
);
static SENDS: Metric =
    Metric::counter("node_mountstats_nfs_transport_sends_total", "Requests sent to the server.", TRANSPORT);
static RECEIVES: Metric = Metric::counter(
    "node_mountstats_nfs_transport_receives_total",
    "Answers received from the server.",
    TRANSPORT,
);
static BAD_IDS: Metric = Metric::counter(
    "node_mountstats_nfs_transport_bad_transaction_ids_total",
    "Answers to requests that nobody knows.",
    TRANSPORT,
);
static BACKLOG: Metric = Metric::counter(
    "node_mountstats_nfs_transport_backlog_queue_total",
    "Sum over requests of the length of the backlog that each met.",
    TRANSPORT,
);
static SLOTS: Metric = Metric::gauge(
    "node_mountstats_nfs_transport_maximum_rpc_slots",
    "Largest number of requests that were under way at a time.",
    TRANSPORT,
);
static SENDING: Metric = Metric::counter(
    "node_mountstats_nfs_transport_sending_queue_total",
    "Sum over requests of the length of the sending queue that each met.",
    TRANSPORT,
);
static PENDING: Metric = Metric::counter(
    "node_mountstats_nfs_transport_pending_queue_total",
    "Sum over requests of the length of the pending queue that each met.",
    TRANSPORT,
);

static TCP: [Option<&Metric>; 13] = [
    None,
    Some(&BIND),
    Some(&CONNECT),
    None,
    Some(&IDLE),
    Some(&SENDS),
    Some(&RECEIVES),
    Some(&BAD_IDS),
    None,
    Some(&BACKLOG),
    Some(&SLOTS),
    Some(&SENDING),
    Some(&PENDING),
];
static UDP: [Option<&Metric>; 10] = [
    None,
    Some(&BIND),
    Some(&SENDS),
    Some(&RECEIVES),
    Some(&BAD_IDS),
    None,
    Some(&BACKLOG),
    Some(&SLOTS),
    Some(&SENDING),
    Some(&PENDING),
];

/// What the values of a line `xprt:` are: UDP knows no connections, and RDMA goes on with values of its own.
pub fn transport(protocol: &str) -> Option<&'static [Option<&'static Metric>]> {
    match protocol {
        "tcp" => Some(&TCP),
        "udp" => Some(&UDP),
        "rdma" => Some(&TCP[..10]),
        _ => None,
    }
}

const COUNT: usize = 2 + BYTES.len() + EVENTS.len() + OPERATIONS.len() + 10;

/// All of them.
pub static ALL: [&Metric; COUNT] = {
    let transports =
        [&BIND, &CONNECT, &IDLE, &SENDS, &RECEIVES, &BAD_IDS, &BACKLOG, &SLOTS, &SENDING, &PENDING];
    let mut all = [&INFO; COUNT];
    all[1] = &AGE;
    let (mut at, mut next) = (0, 2);
    while at < EVENTS.len() {
        all[next] = &EVENTS[at];
        (at, next) = (at + 1, next + 1);
    }
    at = 0;
    while at < BYTES.len() {
        all[next] = &BYTES[at];
        (at, next) = (at + 1, next + 1);
    }
    at = 0;
    while at < OPERATIONS.len() {
        all[next] = &OPERATIONS[at].0;
        (at, next) = (at + 1, next + 1);
    }
    at = 0;
    while at < transports.len() {
        all[next] = transports[at];
        (at, next) = (at + 1, next + 1);
    }
    all
};
