//! A distance in two bytes: the upper half of an `f32`, which has two significant digits.

/// Stands for what is not known.
pub const ABSENT: u16 = 0x7fc0;

/// The nearest that two bytes can say.
pub fn half(distance: f64) -> u16 {
    // Half of the lower half is added, and the rest cut off.
    ((distance as f32).to_bits().saturating_add(0x8000) >> 16) as u16
}

/// What was kept, unless it is [`ABSENT`].
pub fn whole(half: u16) -> Option<f64> {
    Some(f64::from(f32::from_bits(u32::from(half) << 16))).filter(|distance| distance.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_are_kept() {
        for distance in [0.0, 1.0, -3.2, 1e36, -1e-30] {
            let kept = whole(half(distance)).unwrap();
            assert!((kept - distance).abs() <= 0.004 * distance.abs(), "{distance} {kept}");
        }
        assert_eq!([whole(ABSENT), whole(half(f64::INFINITY))], [None, None]);
    }
}
