//! What becomes of somebody who guesses: the account rests, its owner with a key gets in all the same, and it can be opened.

use super::boot::Machine;
use super::program::{ask, good};
use super::root::{Keys, OTHER, PASSWORD};
use super::serve::{Answer, answered, by_password, verdict};
use crate::Outcome;

/// More than any level lets pass.
const GUESSES: usize = 6;

/// Guesses wrong passwords of an account, then says the right one.
pub fn answers(machine: &Machine, keys: &Keys) -> Outcome<Vec<Answer>> {
    for _ in 0..GUESSES {
        if ask(&mut by_password(keys, OTHER, "wrong"))?.code == 0 {
            return Err("a wrong password opened the session".to_owned());
        }
    }
    let locked = ask(&mut by_password(keys, OTHER, PASSWORD))?;
    let opened = machine.ran(&["faillock", "--user", OTHER, "--reset"])?;
    if opened.code != 0 {
        return Err(format!("faillock: {}", opened.complaint));
    }
    let again = answered(|| good(&mut by_password(keys, OTHER, PASSWORD)))?;
    Ok(vec![
        (format!("the password, after {GUESSES} wrong ones"), verdict(&locked)),
        ("the password, after faillock --reset".to_owned(), again.trim().to_owned()),
    ])
}
