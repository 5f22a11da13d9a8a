//! The audit daemon: somebody hears of it before its disk is full. That records are never thrown away, and that a full disk
//! stops the host, is only done when somebody says so.

use crate::check::Level;
use crate::config::draft::Draft;

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    if draft.value("space_left_action") == Some("email") && !draft.host.has("/usr/lib/sendmail") {
        draft.refuse("space_left_action = email", "there is no /usr/lib/sendmail to send it with");
        draft.leave_out("space_left_action");
    }
    let archive = "the disk fills up until the host stops, unless something archives the records; \
                   once it does, set the parameter auditd.";
    if draft.wish.level >= Level::Moderate && draft.value("max_log_file_action").is_none() {
        draft.refuse("max_log_file_action = keep_logs", format!("{archive}max_log_file_action"));
    }
    if draft.wish.level >= Level::Strict && draft.value("admin_space_left_action").is_none() {
        draft.refuse("admin_space_left_action = halt", format!("{archive}admin_space_left_action"));
    }
    Ok(())
}
