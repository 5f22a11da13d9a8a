//! All processes that come from one start of a plugin, and their end.
//!
//! They are known by the process group and the session of the first one, which their sandbox does not let them leave, and, should
//! a kernel have no such sandbox, by a mark in their environment. Where control groups can be made, the kernel ends them all.

use super::cgroup;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::fs;
use std::path::PathBuf;
use std::process::Child;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The variable that holds the mark.
pub const MARK: &str = "HOSTWARD_RUN";
/// Rounds of ending; each leaves fewer that could have begun others.
const ROUNDS_MAX: usize = 50;
const PAUSE: Duration = Duration::from_millis(2);

/// The processes of a start.
#[derive(Debug)]
pub struct Kin {
    leader: Pid,
    mark: String,
    /// The control group of their own, if there is one.
    pub cgroup: Option<PathBuf>,
}

/// What marks all processes of the next start.
pub fn mark() -> String {
    static STARTS: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), STARTS.fetch_add(1, Ordering::Relaxed))
}

impl Kin {
    /// Of a child that was started in a process group of its own, with this mark.
    pub fn of(child: &Child, mark: String, cgroup: Option<PathBuf>) -> Kin {
        Kin { leader: Pid::from_raw(child.id().cast_signed()), mark, cgroup }
    }

    /// The first process.
    pub fn leader(&self) -> Pid {
        self.leader
    }

    /// Ends all of them. How many there were besides the first. The first must not have been reaped: its number is theirs.
    pub fn end(&self) -> usize {
        let mut ended: Vec<Pid> = Vec::new();
        for round in 0..ROUNDS_MAX {
            let others = self.others();
            if round == 0 || !others.is_empty() {
                // Fails only when there is nobody left.
                let _ = killpg(self.leader, Signal::SIGKILL);
            }
            if others.is_empty() {
                break;
            }
            for pid in others {
                let _ = kill(pid, Signal::SIGKILL);
                if !ended.contains(&pid) {
                    ended.push(pid);
                }
            }
            std::thread::sleep(PAUSE);
        }
        self.cgroup.iter().for_each(|group| cgroup::end(group));
        ended.len()
    }

    /// Gives the others a moment to end by themselves: a shell does not wait for all that it started.
    pub fn settle(&self) {
        for _ in 0..ROUNDS_MAX {
            if self.others().is_empty() {
                return;
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Those that live, without the first. Numbers are given out in rising order, so those below the first one's are older.
    fn others(&self) -> Vec<Pid> {
        let leader = self.leader.as_raw();
        let last = last_given();
        if last == Some(leader) {
            return Vec::new();
        }
        let is_round = last.is_none_or(|last| last < leader);
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
        numbers
            .filter(|pid| is_round && *pid != leader || *pid > leader)
            .map(Pid::from_raw)
            .filter(|pid| self.is_ours(*pid))
            .collect()
    }

    fn is_ours(&self, pid: Pid) -> bool {
        let Some((state, group, session)) = relation(pid) else { return false };
        if state == 'Z' {
            return false;
        }
        group == self.leader.as_raw() || session == self.leader.as_raw() || self.is_marked(pid)
    }

    fn is_marked(&self, pid: Pid) -> bool {
        let wanted = format!("{MARK}={}", self.mark);
        fs::read(format!("/proc/{pid}/environ"))
            .is_ok_and(|all| all.split(|byte| *byte == 0).any(|one| one == wanted.as_bytes()))
    }
}

/// The number that was given to a process last.
fn last_given() -> Option<i32> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next_back()?.parse().ok()
}

/// State, process group and session.
fn relation(pid: Pid) -> Option<(char, i32, i32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut words = stat.rsplit_once(')')?.1.split_whitespace();
    let state = words.next()?.chars().next()?;
    let mut number = || words.next()?.parse::<i32>().ok();
    number()?;
    Some((state, number()?, number()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    fn start(script: &str) -> (Child, Kin) {
        let mark = mark();
        let child = Command::new("sh")
            .args(["-c", script])
            .env(MARK, &mark)
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let kin = Kin::of(&child, mark, None);
        (child, kin)
    }

    fn wait_for_line(child: &mut Child) {
        use std::io::Read;
        let mut byte = [0];
        child.stdout.as_mut().unwrap().read_exact(&mut byte).unwrap();
    }

    #[test]
    fn group_and_daemons_are_found_and_ended() {
        let (mut child, kin) = start("sleep 97 & setsid sleep 98 & echo; exec sleep 99");
        wait_for_line(&mut child);
        let begun = std::time::Instant::now();
        while kin.others().len() < 2 && begun.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(PAUSE);
        }
        assert_eq!(kin.others().len(), 2);
        assert_eq!(kin.end(), 2);
        assert_eq!(kin.others(), []);
        assert!(!child.wait().unwrap().success());
    }

    #[test]
    fn one_that_ended_alone_has_left_nobody() {
        let (mut child, kin) = start("exit 0");
        while relation(kin.leader()).is_some_and(|(state, ..)| state != 'Z') {
            std::thread::sleep(PAUSE);
        }
        assert_eq!(kin.end(), 0);
        child.wait().unwrap();
    }
}
