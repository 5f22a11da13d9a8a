//! What `smartctl --json -a` says of a disk.

use super::{
    HEALTHY, INFO, MEDIA_ERRORS, PENDING, POWER_ON, REALLOCATED, SPARE, SPARE_THRESHOLD, TEMPERATURE,
    UNCORRECTABLE, USED, WARNING,
};
use crate::Fault;
use crate::drop_in::drop_in;
use hostward_model::{Batch, Metric};
use serde_json::Value;

/// What gives hostward the rights: to open disks (`SupplementaryGroups`, `PrivateDevices`), and to send them commands.
const GRANT: &str = drop_in!(
    "smart": "PrivateDevices=no",
    "DevicePolicy=auto",
    "SupplementaryGroups=disk",
    "CapabilityBoundingSet=CAP_SYS_RAWIO CAP_SYS_ADMIN",
    "AmbientCapabilities=CAP_SYS_RAWIO CAP_SYS_ADMIN",
);

/// How smartctl says that it may not. A disk of `/sys/block` that is not in `/dev` is hidden by the sandbox of the unit.
const DENIED: [&str; 4] =
    ["Permission denied", "Operation not permitted", "No such device", "No such file or directory"];

/// The bits of the exit status that say that there is no report: wrong use, and no way to open the disk.
const NOT_OPENED: u64 = 0b11;
const HOUR_SECONDS: f64 = 3600.0;
const PERCENT: f64 = 0.01;

/// The numbers of ATA attributes that all makers agree on.
static ATA: [(u64, &Metric); 3] = [(5, &REALLOCATED), (197, &PENDING), (198, &UNCORRECTABLE)];

/// Where the numbers lie, and what they are multiplied by; of two places of one metric the first that has one counts.
static NUMBERS: [(&str, &Metric, f64); 11] = [
    ("/temperature/current", &TEMPERATURE, 1.0),
    ("/nvme_smart_health_information_log/temperature", &TEMPERATURE, 1.0),
    ("/power_on_time/hours", &POWER_ON, HOUR_SECONDS),
    ("/scsi_grown_defect_list", &REALLOCATED, 1.0),
    ("/nvme_smart_health_information_log/media_errors", &MEDIA_ERRORS, 1.0),
    ("/nvme_smart_health_information_log/percentage_used", &USED, PERCENT),
    ("/endurance_used/current_percent", &USED, PERCENT),
    ("/scsi_percentage_used_endurance_indicator", &USED, PERCENT),
    ("/nvme_smart_health_information_log/available_spare", &SPARE, PERCENT),
    ("/nvme_smart_health_information_log/available_spare_threshold", &SPARE_THRESHOLD, PERCENT),
    ("/nvme_smart_health_information_log/critical_warning", &WARNING, 1.0),
];

/// A report with something in it.
#[derive(Debug)]
pub struct Report(Value);

impl Report {
    /// Reads a report; one that says why there is nothing to tell is a fault in its words.
    pub fn read(device: &str, text: &str) -> Result<Self, Fault> {
        let report: Value = serde_json::from_str(text).map_err(|error| {
            let word = text.lines().nth(error.line().saturating_sub(1)).unwrap_or("");
            Fault::malformed(device, error.line(), word, "a report of smartctl in JSON")
        })?;
        let status = report.pointer("/smartctl/exit_status").and_then(Value::as_u64).unwrap_or(0);
        let complaint = complaint(&report);
        if DENIED.iter().any(|words| complaint.contains(words)) {
            return Err(Fault::Denied { what: device.to_owned(), grant: GRANT.to_owned() });
        }
        if status & NOT_OPENED != 0
            || report.get("smart_status").is_none() && report.get("temperature").is_none()
        {
            let error = if complaint.is_empty() { "smartctl has nothing to say of it" } else { &complaint };
            return Err(Fault::Unreadable { what: device.to_owned(), error: error.to_owned() });
        }
        Ok(Report(report))
    }

    /// What is there; a disk knows some of it.
    pub fn push(&self, disk: &str, out: &mut Batch) {
        let model = self.text(&["/model_name", "/scsi_model_name"]);
        let serial = self.text(&["/serial_number"]);
        let firmware = self.text(&["/firmware_version", "/scsi_revision"]);
        out.push(&INFO, &[disk, firmware, model, self.text(&["/device/protocol"]), serial], 1.0);
        let labels = [disk, model];
        if let Some(passed) = self.0.pointer("/smart_status/passed").and_then(Value::as_bool) {
            out.push(&HEALTHY, &labels, f64::from(passed));
        }
        self.push_numbers(&labels, out);
        for (id, metric) in &ATA {
            self.attribute(*id).into_iter().for_each(|value| out.push(metric, &labels, value));
        }
        self.scsi_errors().into_iter().for_each(|value| out.push(&MEDIA_ERRORS, &labels, value));
    }

    fn push_numbers(&self, labels: &[&str], out: &mut Batch) {
        let mut last: Option<&Metric> = None;
        for (place, metric, factor) in &NUMBERS {
            let value = self.0.pointer(place).and_then(Value::as_f64).filter(|_| last != Some(metric));
            if let Some(value) = value {
                out.push(metric, labels, value * factor);
                last = Some(metric);
            }
        }
    }

    fn text(&self, places: &[&str]) -> &str {
        let mut texts = places.iter().filter_map(|place| self.0.pointer(place)?.as_str());
        texts.next().unwrap_or("").trim()
    }

    /// The number that smartctl shows first: makers put other counts in the upper bytes of the raw value.
    fn attribute(&self, id: u64) -> Option<f64> {
        let table = self.0.pointer("/ata_smart_attributes/table")?.as_array()?;
        let own = table.iter().find(|row| row.get("id").and_then(Value::as_u64) == Some(id))?;
        let shown = own.pointer("/raw/string")?.as_str()?.split_whitespace().next()?;
        shown.parse::<u64>().ok().map(|count| count as f64)
    }

    /// Reads, writes and verifications whose errors remained.
    fn scsi_errors(&self) -> Option<f64> {
        let log = self.0.get("scsi_error_counter_log")?.as_object()?;
        let counts = log.values().filter_map(|row| row.get("total_uncorrected_errors")?.as_f64());
        counts.reduce(|sum, count| sum + count)
    }
}

/// The first thing that smartctl complains of.
fn complaint(report: &Value) -> String {
    let messages = report.pointer("/smartctl/messages").and_then(Value::as_array);
    let words = messages.into_iter().flatten().find_map(|message| message.get("string")?.as_str());
    words.unwrap_or("").chars().take(200).collect()
}
