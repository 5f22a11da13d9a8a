//! chrony, through `chronyc tracking`.

use super::{ANSWER_BYTES_MAX, DEADLINE, State, decimal, live_only};
use crate::child::{good_answer, program};
use crate::{Fault, Host};

const PROGRAM: &str = "chronyc";
/// Columns of `chronyc -c tracking`: chronyc(1), in the order of its text form.
const COLUMNS: usize = 14;

pub fn ask(host: &Host) -> Result<State, Fault> {
    live_only(host, PROGRAM)?;
    let mut command = program(PROGRAM);
    // Without -n it would look the name of the source up.
    command.args(["-n", "-c", "tracking"]);
    parse(&good_answer(command, DEADLINE, ANSWER_BYTES_MAX)?)
}

fn parse(text: &str) -> Result<State, Fault> {
    let columns: Vec<&str> = text.lines().next().unwrap_or("").split(',').collect();
    let &[_, source, stratum, updated, slow, .., root_delay, root_dispersion, _, leap] = columns.as_slice()
    else {
        return Err(Fault::malformed(PROGRAM, 1, text.trim_end(), "14 columns"));
    };
    if columns.len() < COLUMNS {
        return Err(Fault::malformed(PROGRAM, 1, text.trim_end(), "14 columns"));
    }
    let synchronised = ["Normal", "Insert second", "Delete second"].contains(&leap);
    let number = |word| decimal(PROGRAM, 1, word);
    // While there is no source the numbers are zeros that mean nothing.
    let measured = |word| number(word).map(|value| synchronised.then_some(value));
    Ok(State {
        source: (!source.is_empty()).then(|| source.to_owned()),
        synchronised,
        stratum: measured(stratum)?,
        // The correction that is still to be made: what has to be added is what the clock is behind.
        ahead_seconds: measured(slow)?.map(|slow| 0.0 - slow),
        root_delay_seconds: measured(root_delay)?,
        root_dispersion_seconds: measured(root_dispersion)?,
        updated_seconds: Some(number(updated)?).filter(|seconds| *seconds > 0.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// chrony 4.3 after four packets of a server.
    #[test]
    fn a_clock_that_follows_a_server() {
        let state = parse("7F000001,127.0.0.1,4,1795247218.449902024,-0.000001336,-0.000000903,0.000000903,-0.034,-0.000,0.750,0.000007005,0.000004112,4.0,Normal\n").unwrap();
        let expected = State {
            source: Some("127.0.0.1".to_owned()),
            synchronised: true,
            stratum: Some(4.0),
            ahead_seconds: Some(0.000_001_336),
            root_delay_seconds: Some(0.000_007_005),
            root_dispersion_seconds: Some(0.000_004_112),
            updated_seconds: Some(1_795_247_218.449_902),
        };
        assert_eq!(state, expected);
    }

    /// chrony 4.3 in its first second: no number means anything.
    #[test]
    fn a_clock_that_follows_nothing() {
        let state = parse("00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n").unwrap();
        assert_eq!(state, State::default());
    }

    #[test]
    fn other_words_are_faults() {
        for (text, word) in [
            ("506 Cannot talk to daemon\n", "506 Cannot talk to daemon"),
            ("", ""),
            ("a,b,1,2,3,4,5,Normal", "a,b,1,2,3,4,5,Normal"),
            ("7F000001,127.0.0.1,4,never,0,0,0,0,0,0,0,0,4.0,Normal", "never"),
            ("7F000001,127.0.0.1,4,1,nan,0,0,0,0,0,0,0,4.0,Normal", "nan"),
        ] {
            let fault = parse(text).unwrap_err();
            assert!(matches!(&fault, Fault::Malformed { word: own, .. } if own == word), "{fault}");
        }
    }
}
