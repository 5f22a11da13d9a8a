//! The usual course of a day, hour by hour.

use hostward_model::time::DAY_MS;
use serde::{Deserialize, Serialize};

const SLOTS: i64 = 24;
const SLOT_MS: i64 = DAY_MS / SLOTS;
/// An hour counts once it was seen on so many days.
const DAYS_MIN: u16 = 2;
/// How much of a day's hour goes into its mean: a week is forgotten after about two.
const DAY_WEIGHT: f32 = 1.0 / 7.0;

/// Mean and mean absolute deviation of each hour (UTC).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Hours {
    slots: [Slot; SLOTS as usize],
    /// Days since the epoch of the value before; tells when an hour begins on a new day.
    day: i32,
    slot: u8,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Slot {
    mean: f32,
    deviation: f32,
    days: u16,
}

impl Hours {
    /// What this hour usually is and how far from it values usually are.
    pub fn expected(&self, at_ms: i64) -> Option<(f64, f64)> {
        let slot = self.slots[slot_of(at_ms)];
        (slot.days > DAYS_MIN).then_some((f64::from(slot.mean), f64::from(slot.deviation)))
    }

    /// Learns a value that stands for `passed_ms` of its hour.
    pub fn learn(&mut self, at_ms: i64, value: f64, passed_ms: i64) {
        let (index, day) = (slot_of(at_ms), at_ms.div_euclid(DAY_MS) as i32);
        let slot = &mut self.slots[index];
        if (day, index as u8) != (self.day, self.slot) || slot.days == 0 {
            (self.day, self.slot) = (day, index as u8);
            slot.days = slot.days.saturating_add(1);
            if slot.days == 1 {
                slot.mean = value as f32;
            }
        }
        let share = (passed_ms as f32 / SLOT_MS as f32).min(1.0);
        let weight = (share / f32::from(slot.days)).max(share * DAY_WEIGHT);
        let residual = value as f32 - slot.mean;
        slot.mean += weight * residual;
        slot.deviation += weight * (residual.abs() - slot.deviation);
    }
}

fn slot_of(at_ms: i64) -> usize {
    (at_ms.rem_euclid(DAY_MS) / SLOT_MS) as usize
}
