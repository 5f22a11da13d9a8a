

# ----------------------------------------------------------------------------------------------------------------------
# What all fixes have in common; nothing below is about this one.
#
# HOSTWARD_ROOT=DIR works on the host whose files lie below DIR; services and the kernel are left alone then.
# HOSTWARD_UNDO_DIR=DIR is where originals are kept, unless --undo says so.

STEP_SECONDS = 120
FILE_BYTES_MAX = 1 << 20


class Stop(Exception):
    """The end, with an exit code of the contract."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def usage():
    return f"""{FIX_TITLE}

  --dry-run      say what would change, and change nothing (default)
  --apply        save the originals, change, verify; what fails is undone
  --verify       say whether it holds; 0 yes, 1 no
  --rollback     put everything back as it was before the first --apply
  --json         one report in JSON on standard output
  --undo DIR     where originals are kept (/var/lib/hostward/undo/{FIX_ID})

Exit codes: 0 all is well, 1 failed and undone (or does not hold), 2 used wrongly, 3 a precondition is missing,
4 a person has to act.
"""


def plain(text):
    """Names come from others: what could steer a terminal is shown as '?'."""
    return "".join(char if " " <= char <= "~" or char in "\n\t" else "?" for char in text)


def digest(content):
    return hashlib.sha256(content).hexdigest()


def sync(path):
    """What was written there is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Fix:
    """One run of a fix in one of its modes."""

    def __init__(self, mode, as_json, undo):
        self.mode, self.as_json = mode, as_json
        self.root = self.find_root()
        default = f"{self.root}/var/lib/hostward/undo/{FIX_ID}"
        self.undo = undo or os.environ.get("HOSTWARD_UNDO_DIR") or default
        self.why, self.report, self.temporary, self.reloads = "", [], [], []
        self.changed = self.missing = self.persons = 0
        self.last, self.first, self.lock = 0, 1, None

    def find_root(self):
        root = os.environ.get("HOSTWARD_ROOT", "")
        if root and not (root.startswith("/") and os.path.isdir(root)):
            raise Stop(2, "HOSTWARD_ROOT is no absolute path of a directory")
        root = os.path.realpath(root) if root else ""
        return "" if root == "/" else root

    def prepare(self):
        acts = self.mode in ("apply", "rollback")
        if not self.root and acts and os.geteuid() != 0:
            raise Stop(3, "only root can do this")
        if not self.root:
            for need in FIX_NEEDS:
                self.installed(need)
        if acts:
            self.take_lock()

    def take_lock(self):
        """One fix at a time. Whoever takes back waits for what was still at work when its caller died."""
        base = os.path.dirname(self.undo)
        os.makedirs(base, mode=0o700, exist_ok=True)
        self.lock = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
        until = time.monotonic() + (STEP_SECONDS + 30 if self.mode == "rollback" else 0)
        while not self.alone():
            if time.monotonic() >= until:
                raise Stop(3, "another fix is running")
            time.sleep(0.1)
        numbers = [int(name) for name in self.entries()]
        self.last = max(numbers, default=0)
        self.first = self.last + 1

    def alone(self):
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def entries(self):
        if not os.path.isdir(self.undo):
            return []
        return sorted(name for name in os.listdir(self.undo) if len(name) == 4 and name.isdigit())

    def installed(self, program):
        if shutil.which(program, path=PATH) is None:
            raise Stop(3, f"the program {program} is not installed")

    def call(self, *words, seconds=STEP_SECONDS, text=None):
        """Runs a program without a shell; what it says goes to standard error. True when it ends with 0."""
        return self.ask(*words, seconds=seconds, text=text, quiet=False).returncode == 0

    def ask(self, *words, seconds=STEP_SECONDS, text=None, quiet=True):
        environment = {"PATH": PATH, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1"}
        try:
            done = subprocess.run(  # nosec B603
                words, input=text, capture_output=True, text=True, timeout=seconds, check=False, env=environment,
                errors="replace", stdin=None if text is not None else subprocess.DEVNULL,
            )
        except FileNotFoundError as error:
            raise Stop(3, f"the program {words[0]} is not installed") from error
        except subprocess.TimeoutExpired as error:
            raise Stop(1, f"{words[0]} did not end within {seconds} s") from error
        if not quiet:
            sys.stderr.write(plain(done.stdout + done.stderr))
        return done

    # ---- the report ----------------------------------------------------------------------------------------------------

    def say(self, text):
        try:
            print(plain(text), file=sys.stderr if self.as_json else sys.stdout, flush=True)
        except BrokenPipeError:
            # Nobody reads any more; what has begun is brought to its end.
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, sys.stderr.fileno() if self.as_json else sys.stdout.fileno())
            os.close(silence)

    def because(self, why):
        """The reason of the step that follows."""
        self.why = why

    def tell(self, state, target, before="", after=""):
        """What became of a step."""
        self.changed += state == "changed"
        self.missing += state in ("would-change", "missing")
        self.persons += state == "person"
        self.say(f"{state}: {target}" + (f" ({self.why})" if self.why else ""))
        line = {"state": state, "target": target, "why": self.why}
        line.update({name: value for name, value in (("before", before), ("after", after)) if value})
        self.report.append(line)

    def doing(self, target, before="", after=""):
        """True when a step is to be done, and not only talked about. Talks otherwise."""
        if self.mode == "apply":
            return True
        self.tell("missing" if self.mode == "verify" else "would-change", target, before, after)
        return False

    # ---- what was there ------------------------------------------------------------------------------------------------

    def place(self, path):
        """Where it is below the root; links are followed, and none may lead out."""
        real = os.path.realpath(self.root + path)
        if self.root and not real.startswith(self.root + "/"):
            raise Stop(3, f"{path} leads out of {self.root}")
        return real

    def entry_for(self, action, path, **notes):
        """Makes a place for what undoes the next change; from here on it counts as begun, also after a power cut."""
        os.makedirs(self.undo, mode=0o700, exist_ok=True)
        self.last += 1
        entry = f"{self.undo}/{self.last:04d}"
        os.mkdir(entry, 0o700)
        if action == "file":
            self.keep_original(entry, path)
        for name, text in {"path": path, **notes, "action.new": action}.items():
            with open(f"{entry}/{name}", "w", encoding="utf-8") as out:
                out.write(text)
        for name in os.listdir(entry):
            sync(f"{entry}/{name}")
        os.rename(f"{entry}/action.new", f"{entry}/action")
        sync(entry)
        sync(self.undo)
        return entry

    def keep_original(self, entry, path):
        if not os.path.exists(path):
            with open(f"{entry}/absent", "w", encoding="utf-8"):
                return
        self.copy(path, f"{entry}/original")
        with open(path, "rb") as own, open(f"{entry}/before", "w", encoding="utf-8") as out:
            out.write(digest(own.read()))

    def copy(self, source, target):
        """With mode, owner, times and attributes."""
        if not self.call("cp", "-aT", "--", source, target):
            raise Stop(1, f"{source} cannot be copied")

    def parents(self, path):
        """Makes the directories above a file, and remembers which."""
        directory = os.path.dirname(path)
        if os.path.isdir(directory):
            return
        self.parents(directory)
        self.entry_for("directory", directory)
        os.mkdir(directory)
        os.chmod(directory, 0o755)  # nosec B103

    # ---- files ---------------------------------------------------------------------------------------------------------

    def read(self, path):
        """What a text file holds; one that is absent holds nothing."""
        if not os.path.lexists(path):
            return None
        if not os.path.isfile(path):
            raise Stop(3, f"{path} is no ordinary file")
        if os.path.getsize(path) > FILE_BYTES_MAX:
            raise Stop(3, f"{path} is larger than {FILE_BYTES_MAX} bytes")
        with open(path, "rb") as own:
            content = own.read()
        if b"\0" in content:
            raise Stop(3, f"{path} is no text")
        return content

    def put(self, path, content, parser="", secret=False):
        """CONTENT becomes what the file holds, in one step that cannot be seen half done."""
        old = self.read(path)
        before, after = "" if old is None else digest(old), digest(content)
        if before == after:
            return self.tell("unchanged", path, before, after)
        if not secret:
            self.differences(path, old or b"", content)
        if not self.doing(path, before, after):
            return None
        self.parents(path)
        entry = self.entry_for("file", path)
        handle, beside = tempfile.mkstemp(prefix=os.path.basename(path) + ".hostward.", dir=os.path.dirname(path))
        self.temporary.append(beside)
        os.close(handle)
        if old is None:
            os.chmod(beside, 0o644)
        else:
            self.call("cp", "-a", "--attributes-only", "--", path, beside)
        with open(beside, "wb") as out:
            out.write(content)
        if not self.parses(parser, beside):
            raise Stop(1, f"{parser} does not accept the new {path}")
        sync(beside)
        with open(f"{entry}/after", "w", encoding="utf-8") as out:
            out.write(after)
        sync(f"{entry}/after")
        os.rename(beside, path)
        sync(os.path.dirname(path))
        return self.tell("changed", path, before, after)

    def differences(self, path, old, new):
        lines = [content.decode(errors="replace").splitlines() for content in (old, new)]
        for line in difflib.unified_diff(*lines, f"{path} (now)", f"{path} (then)", lineterm=""):
            self.say(line)

    def parses(self, parser, path):
        """What can be said of one file before it is put in its place."""
        if parser == "sshd":
            return self.sshd_accepts("-f", path)
        if parser == "sudo":
            return self.call("visudo", "-c", "-q", "-f", path)
        return True

    def sshd_accepts(self, *words):
        """A host without keys, or where the service never ran, says nothing about the file."""
        self.installed("sshd")
        done = self.ask(shutil.which("sshd", path=PATH), "-t", *words)
        silent = "no hostkeys available" in done.stderr or "privilege separation directory" in done.stderr
        wrong = re.search(r"Bad |Unsupported|line [0-9]+", done.stderr)
        if done.returncode == 0 or (silent and not wrong):
            return True
        sys.stderr.write(plain(done.stderr))
        return False

    def set_key(self, path, style, key, value, section="", parser=""):
        """The first line of that key gets the value, others of it go."""
        path = self.place(path)
        forms = {"equals": f"{key} = {value}", "assign": f"{key}={value}", "nginx": f"{key} {value};"}
        line = forms.get(style, f"{key} {value}")
        lines = (self.read(path) or b"").decode("utf-8", "surrogateescape").split("\n")
        if lines[-1] == "":
            lines.pop()
        lines = key_set(lines, style, key, line, section)
        self.put(path, ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape"), parser)

    def write_file(self, path, parser, *lines):
        """A file of our own with these lines."""
        head = f"# Written by hostward ({FIX_ID}): {self.why}"
        self.put(self.place(path), ("\n".join([head, *lines]) + "\n").encode(), parser)

    def block_module(self, module):
        """What would load it runs a program that fails instead; one that is loaded stays."""
        path = f"/etc/modprobe.d/hostward-{module}.conf"
        self.write_file(path, "", f"install {module} /bin/false", f"blacklist {module}")
        if not self.root and os.path.isdir(f"/sys/module/{module.replace('-', '_')}"):
            self.say(f"{module} is loaded until the next start, or until: modprobe -r {module}")

    def file_mode(self, path, mode, owner="", group=""):
        """An empty one stays."""
        self.change_mode(path, lambda _: int(mode, 8), owner, group)

    def drop_bits(self, path, bits):
        """These bits of the mode go."""
        self.change_mode(path, lambda now: now & ~int(bits, 8), "", "")

    def change_mode(self, path, wanted, owner, group):
        """Acts on the very file that was looked at, whatever takes its name meanwhile."""
        real = os.path.join(self.place(os.path.dirname(path) or "/"), os.path.basename(path))
        if not os.path.lexists(real):
            raise Stop(3, f"{path} is not there")
        if os.path.islink(real) or not (os.path.isfile(real) or os.path.isdir(real)):
            raise Stop(3, f"{path} is no file and no directory")
        handle = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            found = os.fstat(handle)
            now = stat.S_IMODE(found.st_mode)
            user = pwd.getpwnam(owner).pw_uid if owner else found.st_uid
            team = grp.getgrnam(group).gr_gid if group else found.st_gid
            before, after = (f"{now:04o} {found.st_uid} {found.st_gid}", f"{wanted(now):04o} {user} {team}")
            target = f"{real}: {before} -> {after}"
            if before == after:
                self.tell("unchanged", real, before, after)
            elif self.doing(target, before, after):
                note = f"{found.st_dev}:{found.st_ino} {found.st_uid} {found.st_gid} {now:o}"
                self.entry_for("mode", real, mode=note)
                os.fchown(handle, user, team)
                os.fchmod(handle, wanted(now))
                self.tell("changed", target, before, after)
        except KeyError as error:
            raise Stop(3, f"{owner or group} is no account or group of this host") from error
        finally:
            os.close(handle)

    # ---- the kernel ----------------------------------------------------------------------------------------------------

    def sysctl_switch(self, key, value):
        """For the next start and, on the running host, now."""
        self.set_key("/etc/sysctl.d/zz-hostward.conf", "equals", key, value)
        if self.root:
            return
        done = self.ask("sysctl", "-n", "--", key)
        if done.returncode != 0:
            raise Stop(3, f"this kernel has no switch {key}")
        now = done.stdout.strip().replace("\t", " ")
        if now == value:
            self.tell("unchanged", key, now, value)
        elif self.doing(f"{key}: {now} -> {value}", now, value):
            self.entry_for("sysctl", key, value=now)
            self.must(f"the kernel refuses {key}={value}", "sysctl", "-q", "-w", "--", f"{key}={value}")
            self.tell("changed", f"{key}: {now} -> {value}", now, value)

    def must(self, otherwise, *words, **how):
        if not self.call(*words, **how):
            raise Stop(1, otherwise)

    # ---- services and units --------------------------------------------------------------------------------------------

    def accepts(self, parser):
        """The service's own parser accepts its configuration as a whole."""
        if parser == "sshd":
            return self.sshd_accepts()
        words = {"nginx": ["nginx", "-t", "-q"], "apache2": ["apachectl", "-t"]}.get(parser)
        return words is None or self.call(*words)

    def is_active(self, unit):
        return self.ask("systemctl", "is-active", "-q", "--", unit).returncode == 0

    def reload(self, unit, parser=""):
        """After a change only, and never with a configuration that the service would not start with."""
        if self.root:
            self.say(f"not reloaded: {unit} (another root)")
            return
        if self.mode != "apply" or self.changed == 0:
            return
        if not self.accepts(parser):
            raise Stop(1, f"{parser} does not accept its configuration")
        self.entry_for("reload", unit, parser=parser)
        if self.is_active(unit):
            self.must(f"{unit} does not reload", "systemctl", "reload-or-restart", "--", unit)
            if not self.is_active(unit):
                raise Stop(1, f"{unit} does not run after its reload")

    def unit_off(self, unit):
        """It can no longer be started. What runs is somebody's work, and is left running."""
        path = f"{self.root}/etc/systemd/system/{unit}"
        if os.path.islink(path) and os.readlink(path) == "/dev/null":
            self.tell("unchanged", f"{unit} (masked)")
        elif not self.root and self.is_active(unit):
            self.person(f"{unit} runs: if nobody needs it, stop it (systemctl disable --now {unit}) and run this again")
        elif os.path.lexists(path):
            self.person(f"{path} is there: somebody has a unit of this name of his own")
        elif self.doing(f"{unit} (mask)"):
            self.parents(path)
            self.entry_for("link", path)
            os.symlink("/dev/null", path)
            self.reread_units()
            self.tell("changed", f"{unit} (masked)")

    def reread_units(self):
        if not self.root:
            self.call("systemctl", "daemon-reload")

    def links(self):
        """What starts units at boot, and where it leads; enabling one also moves the links of its script for SysV init."""
        found = {}
        for directory, names, files in os.walk(f"{self.root}/etc"):
            if "/systemd/system" in directory or re.search(r"/etc/rc.\.d$", directory):
                for path in (os.path.join(directory, name) for name in names + files):
                    found[path] = os.readlink(path) if os.path.islink(path) else ""
        return found

    def unit_on(self, unit):
        """Started at boot, and now."""
        there = [f"--root={self.root}"] if self.root else []
        state = self.ask("systemctl", *there, "is-enabled", "--", unit).stdout.strip()
        if state.startswith("masked"):
            return self.person(f"{unit} is masked: somebody decided that it must not run")
        if state in ("", "not-found"):
            raise Stop(3, f"there is no unit {unit}")
        active = not self.root and self.is_active(unit)
        if (state.startswith("enabled") or state in ("static", "alias", "indirect")) and (self.root or active):
            return self.tell("unchanged", f"{unit} ({state})")
        if not self.doing(f"{unit} (enable and start)"):
            return None
        notes = {"enabled": state, "active": "active" if active else "inactive"}
        self.entry_for("unit", unit, **notes, links=json.dumps(self.links()))
        self.must(f"{unit} cannot be enabled", "systemctl", *there, "enable", "-q", "--", unit)
        if not self.root:
            self.must(f"{unit} does not start", "systemctl", "start", "--", unit)
        return self.tell("changed", f"{unit} (enabled)")

    def unit_restart(self, unit, unless):
        """Unless it is active, or unless the clock is synchronised."""
        if self.root:
            raise Stop(3, "services are restarted on the running host only")
        if self.ask("systemctl", "cat", "--", unit).returncode != 0:
            raise Stop(3, f"there is no unit {unit}")
        if unless == "synchronised":
            if self.ask("timedatectl", "show", "-p", "NTPSynchronized", "--value").stdout.strip() == "yes":
                return self.tell("unchanged", "the clock (synchronised)")
        elif self.is_active(unit):
            return self.tell("unchanged", f"{unit} (active)")
        # Not on standard output: a rehearsal is compared with the one that was approved.
        self.call("journalctl", "-q", "-n", "10", "--no-pager", "-o", "cat", "-u", unit)
        if not self.doing(f"{unit} (restart)"):
            return None
        self.ask("systemctl", "reset-failed", "--", unit)
        otherwise = f"{unit} does not start; its last words: journalctl -u {unit}"
        self.must(otherwise, "systemctl", "restart", "--", unit)
        return self.tell("changed", f"{unit} (restarted)")

    # ---- packages, accounts, processes, addresses ----------------------------------------------------------------------

    def update_packages(self, package=""):
        """One package, or all with a security update."""
        if self.root:
            raise Stop(3, "packages are updated on the running host only")
        said = self.ask("apt-get", "-s", "-q", "-o", "Debug::NoLocking=1", "dist-upgrade").stdout
        found = False
        for name, old, new, rest in re.findall(r"(?m)^Inst (\S+) \[([^\]]*)\] \((\S+) (.*)", said):
            if name != package if package else "security" not in rest.lower():
                continue
            found = True
            if self.doing(f"{name}: {old} -> {new}", old, new):
                self.entry_for("package", name, version=old)
                if not self.apt("install", "--only-upgrade", f"{name}={new}"):
                    raise Stop(1, f"{name} cannot be updated")
                self.tell("changed", f"{name}: {old} -> {new}", old, new)
        if not found:
            self.tell("unchanged", "packages" + (f" ({package})" if package else ""))

    def apt(self, *words):
        kept = ["-o", "Dpkg::Options::=--force-confold", "-o", "Dpkg::Options::=--force-confdef"]
        return self.call("apt-get", "-q", "-y", *kept, *words, seconds=1800)

    def lock_account(self, user):
        """No password, no key and no job of it works any more; nothing of it is deleted."""
        accounts = (self.read(self.place("/etc/passwd")) or b"").decode("utf-8", "surrogateescape").split("\n")
        own = [line.split(":") for line in accounts if line.split(":")[0] == user]
        if not own:
            raise Stop(3, f"there is no account {user}")
        if user == "root" or own[0][2] == "0":
            raise Stop(3, f"{user} is root")
        if user == os.environ.get("SUDO_USER"):
            raise Stop(3, f"{user} is you")
        if not self.root and self.ask("pgrep", "-u", user).returncode == 0:
            return self.person(f"processes of {user} run: it is not stale")
        path = self.place("/etc/shadow")
        lines = (self.read(path) or b"").decode("utf-8", "surrogateescape").split("\n")
        text = "\n".join(locked(line) if line.split(":")[0] == user else line for line in lines)
        return self.put(path, text.encode("utf-8", "surrogateescape"), secret=True)

    def clean_packages(self):
        """Archives of packages that are installed; apt fetches them again if it needs them."""
        directory = self.place("/var/cache/apt/archives")
        names = os.listdir(directory) if os.path.isdir(directory) else []
        paths = [os.path.join(directory, name) for name in names if name.endswith(".deb")]
        kib = sum(os.lstat(path).st_blocks for path in paths) // 2
        if kib == 0:
            self.tell("unchanged", f"{directory} (nothing to remove)")
        elif self.doing(f"{directory} ({kib} KiB go)"):
            for path in paths:
                os.unlink(path)
            self.tell("changed", f"{directory} ({kib} KiB gone)")

    def vacuum_journal(self, mib):
        """The oldest entries beyond that size go."""
        said = self.ask("du", "-sk", "--", self.place("/var/log/journal")).stdout.split()
        kib = int(said[0]) if said else 0
        if kib <= int(mib) * 1024:
            return self.tell("unchanged", f"the journal ({kib} KiB)")
        if self.root:
            raise Stop(3, "the journal is vacuumed on the running host only")
        if self.doing(f"the journal ({kib} KiB, at most {mib} MiB stay)"):
            self.must("the journal cannot be vacuumed", "journalctl", "-q", f"--vacuum-size={mib}M")
            self.tell("changed", f"the journal (at most {mib} MiB)")
        return None

    def same_process(self, pid, name):
        """A number is somebody else's soon after its process ended."""
        if self.root:
            raise Stop(3, "processes are those of the running host only")
        if int(pid) < 2 or int(pid) in (os.getpid(), os.getppid()):
            raise Stop(3, f"process {pid} is none to touch")
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as own:
                comm = own.read().rstrip("\n")
        except FileNotFoundError:
            self.tell("unchanged", f"process {pid} (it has ended)")
            return False
        if comm != name:
            raise Stop(3, f"process {pid} is not {name}")
        return True

    def calm_process(self, pid, name, nice):
        """It gets what others leave of the processor."""
        if not self.same_process(pid, name):
            return
        now = os.getpriority(os.PRIO_PROCESS, int(pid))
        target = f"process {pid} ({name}): nice {now} -> {nice}"
        if now >= int(nice):
            self.tell("unchanged", f"process {pid} (nice {now})")
        elif self.doing(target, str(now), nice):
            self.entry_for("nice", pid, value=str(now))
            os.setpriority(os.PRIO_PROCESS, int(pid), int(nice))
            self.tell("changed", target, str(now), nice)

    def end_process(self, pid, name):
        """Asks it to end, and waits."""
        if not self.same_process(pid, name) or not self.doing(f"process {pid} ({name}): ask it to end"):
            return
        os.kill(int(pid), signal.SIGTERM)
        for _ in range(50):
            if not os.path.isdir(f"/proc/{pid}"):
                return self.tell("changed", f"process {pid} ({name}): ended")
            time.sleep(0.2)
        return self.person(f"process {pid} ({name}) did not end; what it holds may be lost if it is killed")

    def ban_address(self, address, seconds):
        """Dropped for a while by a set of our own in nftables."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError as error:
            raise Stop(3, f"{address} is no address") from error
        if parsed.is_loopback or parsed.is_unspecified:
            raise Stop(3, f"{address} is this host")
        if address in self.ours():
            raise Stop(3, f"{address} is where an administrator is signed in from")
        if self.root:
            raise Stop(3, "addresses are banned on the running host only")
        banned = f"banned{parsed.version}"
        if self.ask("nft", "get", "element", "inet", "hostward_bans", banned, f"{{ {address} }}").returncode == 0:
            return self.tell("unchanged", f"{address} (banned)")
        if self.doing(f"{address} (ban for {seconds} s)"):
            self.entry_for("ban", address, set=banned)
            rules = BANS + f"add element inet hostward_bans {banned} {{ {address} timeout {seconds}s }}\n"
            self.must(f"{address} cannot be banned", "nft", "-f", "-", text=rules)
            self.tell("changed", f"{address} (banned for {seconds} s)")
        return None

    def ours(self):
        """The address of this session, of every session that is open, and of every connection to sshd."""
        known = {os.environ.get(name, "").split(" ")[0] for name in ("SSH_CONNECTION", "SSH_CLIENT")}
        known |= {line.split()[-1] for line in self.ask("who", "--ips").stdout.splitlines() if line.split()}
        for line in self.ask("ss", "-Htn", "state", "established", "( sport = :ssh )").stdout.splitlines():
            words = line.split()
            if len(words) > 3:
                known.add(words[3].rpartition(":")[0].strip("[]"))
        return known

    # ---- what only people can decide -----------------------------------------------------------------------------------

    def person(self, text):
        """This is theirs."""
        self.tell("person", text)

    def show_finding(self, package, version="", fixed="", path=""):
        """Which package is meant."""
        where = f" in {path}" if path else ""
        self.say(f"{package} {version or '(version unknown)'}{where}: {fixed or 'no version'} is without the flaw")

    def show_lines(self, path, line=""):
        """The place, and what is around it."""
        path, at = self.place(path), int(line or 1)
        if not os.path.isfile(path):
            raise Stop(3, f"{path} is not there; name it by its absolute path on this host")
        self.say(f"{path}, line {at}:")
        with open(path, encoding="utf-8", errors="replace") as own:
            for number, text in enumerate(own, 1):
                if number > at + 4:
                    break
                if number >= at - 4:
                    self.say(f"{'>' if number == at else ' '} {number:5d}  {text.rstrip()[:200]}")

    def show_certificate(self, path):
        """Whose it is and how long it holds."""
        real = self.place(path)
        if not os.path.isfile(real):
            raise Stop(3, f"{path} is not there")
        done = self.ask("openssl", "x509", "-noout", "-subject", "-issuer", "-dates", "-in", real)
        if done.returncode != 0:
            raise Stop(3, f"{path} is no certificate")
        self.say(done.stdout.rstrip())

    def show_large(self, path):
        """The largest directories of one file system."""
        self.say("KiB, directory (the largest of this file system):")
        said = self.ask("timeout", "20", "nice", "-n", "19", "du", "-xk", "-d", "4", "--", self.place(path), seconds=30)
        rows = [line for line in said.stdout.splitlines() if line.split("\t")[0].isdigit()]
        for line in sorted(rows, key=lambda line: -int(line.split("\t")[0]))[:15]:
            self.say(line)

    def show_text(self, *lines):
        """Something to read, or to copy after thought."""
        for line in lines:
            self.say(f"  {line}")

    # ---- undoing -------------------------------------------------------------------------------------------------------

    def undo_from(self, first):
        """Takes back, the last change first, what was done since."""
        self.why = ""
        for name in sorted((name for name in self.entries() if int(name) >= first), reverse=True):
            entry = f"{self.undo}/{name}"
            if not os.path.exists(f"{entry}/action") or self.undo_entry(entry):
                self.forget(entry)
        for unit, parser in self.reloads:
            runs = self.accepts(parser) and self.is_active(unit)
            if runs and not self.call("systemctl", "reload-or-restart", "--", unit):
                self.person(f"{unit} does not reload")
        if os.path.isdir(self.undo) and not os.listdir(self.undo):
            os.rmdir(self.undo)

    def forget(self, entry):
        """In one step, so that what is half removed when the power goes does not count as to be undone."""
        if os.path.exists(f"{entry}/action"):
            os.rename(f"{entry}/action", f"{entry}/action.done")
        shutil.rmtree(entry)

    def undo_entry(self, entry):
        def note(name):
            with open(f"{entry}/{name}", encoding="utf-8") as own:
                return own.read().rstrip("\n")

        action, path = note("action"), note("path")
        if action == "reload":
            self.reloads.append((path, note("parser")))
            return True
        try:
            done = getattr(self, f"undo_{action}")(entry, path, note)
        except (OSError, Stop) as error:
            self.person(f"{path} could not be put back ({error}); see {entry}")
            return False
        if done:
            self.tell("restored", path)
        return done

    def undo_file(self, entry, path, note):
        """A file that somebody has changed since is his now."""
        directory, name = os.path.split(path)
        for beside in os.listdir(directory):
            # What was being written beside it when the power went, or the script was killed.
            if re.fullmatch(re.escape(name) + r"\.hostward\.\w{8}", beside):
                os.unlink(os.path.join(directory, beside))
        known = {note(name) for name in ("before", "after") if os.path.exists(f"{entry}/{name}")}
        if os.path.exists(f"{entry}/after") and os.path.exists(path):
            with open(path, "rb") as own:
                if digest(own.read()) not in known:
                    self.person(f"{path} was changed since; the original is {entry}/original")
                    return False
        if os.path.exists(f"{entry}/absent"):
            if os.path.lexists(path):
                os.unlink(path)
            return True
        handle, beside = tempfile.mkstemp(prefix=os.path.basename(path) + ".hostward.", dir=os.path.dirname(path))
        os.close(handle)
        self.temporary.append(beside)
        self.copy(f"{entry}/original", beside)
        sync(beside)
        os.rename(beside, path)
        sync(os.path.dirname(path))
        return True

    def undo_directory(self, _entry, path, _note):
        if os.path.isdir(path) and not os.listdir(path):
            os.rmdir(path)
        return True

    def undo_mode(self, _entry, path, note):
        inode, user, team, bits = note("mode").split()
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            found = os.fstat(handle)
            if f"{found.st_dev}:{found.st_ino}" != inode:
                self.person(f"{path} is another file by now")
                return False
            os.fchown(handle, int(user), int(team))
            os.fchmod(handle, int(bits, 8))
        finally:
            os.close(handle)
        return True

    def undo_link(self, _entry, path, _note):
        if os.path.islink(path) and os.readlink(path) == "/dev/null":
            os.unlink(path)
            self.reread_units()
        return True

    def undo_sysctl(self, _entry, key, note):
        return self.done_or_person(key, "sysctl", "-q", "-w", "--", f"{key}={note('value')}")

    def done_or_person(self, target, *words):
        if self.call(*words):
            return True
        self.person(f"{target} could not be put back")
        return False

    def undo_unit(self, _entry, unit, note):
        if not self.root and note("active") != "active":
            self.call("systemctl", "stop", "--", unit)
        before, now = json.loads(note("links")), self.links()
        for path in sorted((path for path in now if before.get(path) != now[path]), reverse=True):
            if os.path.islink(path):
                os.unlink(path)
            elif os.path.isdir(path) and not os.listdir(path):
                os.rmdir(path)
        for path, link in before.items():
            if link and now.get(path) != link:
                os.symlink(link, path)
        self.reread_units()
        return True

    def undo_package(self, _entry, name, note):
        if self.apt("install", "--allow-downgrades", f"{name}={note('version')}"):
            return True
        self.person(f"{name} {note('version')} is no longer to be had")
        return False

    def undo_nice(self, _entry, pid, note):
        if os.path.isdir(f"/proc/{pid}"):
            os.setpriority(os.PRIO_PROCESS, int(pid), int(note("value")))
        return True

    def undo_ban(self, _entry, address, note):
        """The table goes with its last address."""
        self.ask("nft", "delete", "element", "inet", "hostward_bans", note("set"), f"{{ {address} }}")
        if "elements" not in self.ask("nft", "list", "table", "inet", "hostward_bans").stdout:
            self.ask("nft", "delete", "table", "inet", "hostward_bans")
        return True

    # ---- the whole -----------------------------------------------------------------------------------------------------

    def run(self):
        """The exit code."""
        try:
            self.prepare()
            if self.mode == "rollback":
                self.undo_from(1)
            else:
                steps(self)
        except Stop as stop:
            print(plain(f"{FIX_ID}: {stop}"), file=sys.stderr)
            return self.failed(stop.code)
        except (OSError, KeyboardInterrupt) as error:
            print(plain(f"{FIX_ID}: {error}"), file=sys.stderr)
            return self.failed(1)
        if self.mode == "apply" and self.changed == 0:
            self.say("nothing had to be changed")
        elif self.mode == "dry-run":
            self.say("nothing was changed; --apply does it" if self.missing else "nothing to change")
        if self.persons:
            return 4
        return 1 if self.mode == "verify" and self.missing else 0

    def failed(self, code):
        if self.mode == "apply" and self.last >= self.first:
            print(f"{FIX_ID}: failed; undoing what was changed", file=sys.stderr)
            self.undo_from(self.first)
        return code

    def finish(self, code):
        for path in self.temporary:
            if os.path.lexists(path):
                os.unlink(path)
        if self.as_json:
            report = {"fix": FIX_ID, "title": FIX_TITLE, "mode": self.mode, "root": self.root, "undo": self.undo}
            print(json.dumps({**report, "exit": code, "changed": self.changed, "steps": self.report}))
        return code


PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

BANS = """\
add table inet hostward_bans
add set inet hostward_bans banned4 { type ipv4_addr; flags timeout; }
add set inet hostward_bans banned6 { type ipv6_addr; flags timeout; }
add chain inet hostward_bans input { type filter hook input priority -10; policy accept; }
flush chain inet hostward_bans input
add rule inet hostward_bans input ip saddr @banned4 drop
add rule inet hostward_bans input ip6 saddr @banned6 drop
"""


def key_set(lines, style, key, line, section):
    """The lines with one line for the key, in its section or before what is for some only."""
    out, done, inside, found, http = [], False, section == "", False, None
    for text in lines:
        word = re.match(r"[ \t]*([^ \t=;]*)", text)[1]
        if style == "space" and word.lower() == "match":
            out, done = (out if done else [*out, line]), True
            inside = False
        if section and re.match(r"[ \t]*\[", text):
            if inside and not done:
                out, done = [*out, line], True
            inside = f"[{section}]" in text
            found = found or inside
        if inside and (word.lower() == key.lower() if style == "space" else word == key):
            if style == "nginx" or not done:
                out.append(text[: len(text) - len(text.lstrip(" \t"))] + line)
            done = True
            continue
        out.append(text)
        if style == "nginx" and http is None and re.match(r"http[ \t]*\{", text):
            http = len(out)
    if done:
        return out
    if style == "nginx" and http is not None:
        return [*out[:http], "    " + line, *out[http:]]
    return [*out, *([f"[{section}]"] if section and not found else []), line]


def locked(line):
    """A line of /etc/shadow whose password is none and whose account has expired."""
    fields = line.split(":")
    fields[1] = fields[1] if fields[1].startswith("!") else "!" + fields[1]
    fields[7] = "1"
    return ":".join(fields)


def main(words):
    mode, as_json, undo = "dry-run", False, ""
    words = list(words)
    while words:
        word = words.pop(0)
        if word in ("--dry-run", "--apply", "--verify", "--rollback"):
            mode = word[2:]
        elif word == "--json":
            as_json = True
        elif word == "--undo" and words and words[0].startswith("/"):
            undo = words.pop(0)
        elif word == "--help":
            print(usage(), end="")
            return 0
        else:
            print(usage(), end="", file=sys.stderr)
            return 2
    os.umask(0o077)
    try:
        fix = Fix(mode, as_json, undo)
    except Stop as stop:
        print(plain(f"{FIX_ID}: {stop}"), file=sys.stderr)
        return stop.code
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt("ended by a signal")))
    return fix.finish(fix.run())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
