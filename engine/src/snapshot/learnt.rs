//! What one detector learnt, as bytes: the version of baselines, then the detector (postcard).

use super::{BASELINES_VERSION, WITHOUT_WEEKS, decoded};
use crate::anomaly::{Detector, DetectorV1};

/// The detector as bytes. Whoever keeps them sees to it that they stay as they are.
pub fn save_detector(detector: &Detector) -> Vec<u8> {
    let mut bytes = BASELINES_VERSION.to_le_bytes().to_vec();
    // Serialising a plain struct into memory has no way to fail; an empty one would be refused.
    bytes.extend(postcard::to_stdvec(detector).unwrap_or_default());
    bytes
}

/// The detector that goes on where those bytes were taken.
pub fn restore_detector(bytes: &[u8]) -> Result<Detector, String> {
    let (version, body) = bytes.split_first_chunk().ok_or("it is empty")?;
    let detector = match u16::from_le_bytes(*version) {
        BASELINES_VERSION => decoded(body),
        WITHOUT_WEEKS => decoded::<DetectorV1>(body).map(Detector::from),
        _ => return Err("it was learnt by a version of hostward whose models are of another form".to_owned()),
    };
    detector.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detector_goes_on_where_it_was() {
        let value = |minute: i64| (minute % 7) as f64;
        let mut detector = Detector::default();
        for minute in 0..3000 {
            detector.observe(minute * 60_000, value(minute));
        }
        let bytes = save_detector(&detector);
        let mut back = restore_detector(&bytes).unwrap();
        for minute in 3000..3100 {
            let at_ms = minute * 60_000;
            assert_eq!(
                detector.observe(at_ms, 9.0 - value(minute)),
                back.observe(at_ms, 9.0 - value(minute))
            );
        }
    }

    #[test]
    fn other_bytes_are_refused() {
        let bytes = save_detector(&Detector::default());
        let newer = [&[0xff, 0xff], &bytes[2..]].concat();
        assert!(restore_detector(&newer).unwrap_err().contains("another form"));
        assert!(
            [&b""[..], &bytes[..bytes.len() - 1], &b"\0"[..]]
                .iter()
                .all(|bytes| restore_detector(bytes).is_err())
        );
    }
}
