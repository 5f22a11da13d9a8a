//! What becomes of somebody who guesses: the account rests until it is opened again, and the address is shut out.

use super::machine::{Machine, OUTSIDE};
use super::serve::{Answer, answered, by_password, verdict};
use crate::Outcome;
use crate::boot::program::{ask, good};
use crate::boot::root::{Keys, OTHER, PASSWORD};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// More than any level lets pass.
const GUESSES: usize = 6;
/// How long fail2ban may take to see what sshd said.
const SEEN_MAX: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Guesses wrong passwords of an account, then says the right one; once with fail2ban at rest, and once with it.
pub fn answers(machine: &Machine, keys: &Keys) -> Outcome<Vec<Answer>> {
    let watched = machine.said(&["systemctl", "is-active", "fail2ban"]).is_ok();
    if watched {
        machine.said(&["systemctl", "stop", "fail2ban"])?;
    }
    guess(keys)?;
    let locked = ask(&mut by_password(keys, OTHER, PASSWORD))?;
    machine.said(&["faillock", "--user", OTHER, "--reset"])?;
    let again = answered(|| good(&mut by_password(keys, OTHER, PASSWORD)))?;
    let mut answers = vec![
        (format!("the password, after {GUESSES} wrong ones"), verdict(&locked)),
        ("the password, after faillock --reset".to_owned(), again.trim().to_owned()),
    ];
    if watched {
        machine.said(&["systemctl", "start", "fail2ban"])?;
        // What it refuses from then on is no answer of sshd's.
        let _ = guess(keys);
        answers.push(("fail2ban shuts the address out".to_owned(), banned(machine)?));
        machine.said(&["fail2ban-client", "unban", "--all"])?;
        machine.said(&["faillock", "--user", OTHER, "--reset"])?;
    }
    Ok(answers)
}

fn guess(keys: &Keys) -> Outcome<()> {
    for _ in 0..GUESSES {
        if ask(&mut by_password(keys, OTHER, "wrong"))?.code == 0 {
            return Err("a wrong password opened the session".to_owned());
        }
    }
    Ok(())
}

fn banned(machine: &Machine) -> Outcome<String> {
    let end = Instant::now() + SEEN_MAX;
    while !machine.said(&["fail2ban-client", "status", "sshd"])?.contains(OUTSIDE) {
        if Instant::now() > end {
            return Ok("no".to_owned());
        }
        sleep(LOOK_EVERY);
    }
    Ok("yes".to_owned())
}
