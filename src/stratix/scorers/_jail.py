"""Runs one program where it can do no harm: the script `_sandbox.py` starts, not a module to import.

Three processes: the first takes new user, mount, process, network and IPC namespaces; the second, the first
of the new process namespace, builds a root directory with the Python library, read-only, and an empty
`/work`; the third takes its limits, gives up every privilege and runs the program. When the second ends,
the kernel ends whatever is left in the namespace. Standard library alone; runs under `python -I -S`.

Standard input: a job as JSON. Standard output: one JSON object a line, of which the first counts.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import struct
import sys
import types
from typing import Any, NoReturn

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (1 << bit for bit in (17, 26, 27, 28, 29, 30))
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 2, 4, 4096, 16384, 1 << 18, 2
SYS_MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE = 442, -100, 0x8000
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
CAPABILITY_VERSION = 0x20080522
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", f"{sys.base_prefix}/lib")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    """Raise OSError if a call of the C library failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def report(outcome: str, reason: str = "", candidate: int = 0) -> None:
    """Write one line of the answer."""
    line = json.dumps({"outcome": outcome, "reason": reason[:500], "candidate": candidate}) + "\n"
    os.write(REPORT, line.encode("ascii"))


def write(path: str, text: str) -> None:
    """Write a short text into a file."""
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def enter_namespaces(worker_id: int) -> None:
    """Take new namespaces; for root with an unprivileged user besides, as root has no limit on processes.

    The mapping of two users can only be written from outside, by a process that stays there.
    """
    flags = NEWUSER | NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS
    user, group, outer = os.geteuid(), os.getegid(), os.getpid()
    if user != 0:
        check(libc.unshare(flags), "unshare")
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"0 {user} 1")
        write("/proc/self/gid_map", f"0 {group} 1")
    else:
        ready, go = os.pipe()
        helper = os.fork()
        if helper == 0:
            os.close(go)
            if os.read(ready, 1):
                with contextlib.suppress(OSError):  # the first process finds itself unmapped
                    write(f"/proc/{outer}/uid_map", f"0 0 1\n1 {worker_id} 1")
                    write(f"/proc/{outer}/gid_map", f"0 0 1\n1 {worker_id} 1")
            os._exit(0)
        os.close(ready)
        try:
            check(libc.unshare(flags), "unshare")
            os.write(go, b"x")
        finally:
            os.close(go)
            os.waitpid(helper, 0)
        if os.getuid() != 0:
            raise OSError("users cannot be mapped")
    # A further namespace would bring back the privileges that are given up below.
    write("/proc/sys/user/max_user_namespaces", "0")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount a file system, or a folder on another."""
    arguments = (source.encode(), target.encode(), kind.encode() if kind else None, flags, options.encode())
    check(libc.mount(*arguments), f"mount {target}")


def read_only(target: str, recursive: int) -> None:
    """Make a mount read-only, with those below it if told to."""
    attributes = struct.pack("QQQQ", 1 | MS_NOSUID | (MS_NODEV if recursive else 0), 0, 0, 0)
    call = (SYS_MOUNT_SETATTR, AT_FDCWD, target.encode(), recursive, attributes, len(attributes))
    check(libc.syscall(*call), f"read-only {target}")


def build_root(root: str, work_bytes: int, worker: int) -> None:
    """Make a root with libraries, three devices and `/work`, and forget everything outside it."""
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755")
    bound: list[str] = []
    for path in sorted({os.path.normpath(path) for path in (*LIBRARIES, *sys.path) if os.path.isdir(path)}):
        if not any(path.startswith(f"{other}/") for other in bound):
            os.makedirs(root + path, mode=0o755)
            mount(path, root + path, None, MS_BIND | MS_REC)
            read_only(root + path, AT_RECURSIVE)
            bound.append(path)
    os.mkdir(f"{root}/dev")
    for device in DEVICES:
        write(root + device, "")
        mount(device, root + device, None, MS_BIND)
    os.mkdir(f"{root}/work")
    mount(
        "tmpfs", f"{root}/work", "tmpfs", MS_NOSUID | MS_NODEV, f"size={work_bytes},nr_inodes=4096,mode=700"
    )
    os.chown(f"{root}/work", worker, worker)
    os.chdir(root)
    check(libc.pivot_root(b".", b"."), "pivot_root")
    check(libc.umount2(b".", MNT_DETACH), "umount")
    os.chdir("/")
    read_only("/", 0)


def give_up_privileges(user: int) -> None:
    """Become another user, if told to, without capabilities and without a way to regain them."""
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    check(libc.capset(struct.pack("Ii", CAPABILITY_VERSION, 0), bytes(24)), "capset")


def take_limits(limits: dict[str, int]) -> None:
    """Take resource limits, which cannot be raised again."""
    for name, value in limits.items():
        hard = value + 1 if name == "CPU" else value  # SIGXCPU first, SIGKILL a second later
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, hard))


def run_program(candidates: list[str], rest: str) -> NoReturn:
    """Run the first candidate that compiles, then the rest in the same module; report and end."""
    me, chosen = os.getpid(), 0
    outcome, reason = "failed", ""
    try:
        code, problem = None, ""
        for index, source in enumerate(candidates):
            try:
                code, chosen = compile(source, "answer.py", "exec", dont_inherit=True), index
                break
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                problem = problem or f"{type(error).__name__}: {error}"
        if code is None:
            outcome, reason = "uncompiled", problem
        else:
            module = types.ModuleType("answer")
            sys.modules["answer"] = module
            exec(code, module.__dict__)  # noqa: S102  # what this file is for
            exec(compile(rest, "test.py", "exec", dont_inherit=True), module.__dict__)  # noqa: S102  # likewise
            outcome = "passed"
    except BaseException as error:  # SystemExit too: a program that leaves early has not passed
        reason = f"{type(error).__name__}: {error}"
    finally:
        if os.getpid() == me:  # not a process that the program forked
            report(outcome, reason, chosen)
        os._exit(0)


def first_process(job: dict[str, Any], worker: int) -> NoReturn:
    """Build the root, start the program, tell how it ended, and take everything down by ending."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    try:
        if job["isolate"]:
            build_root(job["root"], job["limits"]["FSIZE"] * 4, worker)
            os.chdir("/work")
        else:
            os.chown(job["root"], worker or -1, worker or -1)
            os.chdir(job["root"])
        null = os.open("/dev/null", os.O_RDWR)
    except OSError as error:
        report("unavailable", str(error))
        os._exit(0)
    program = os.fork()
    if program == 0:
        try:
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
            take_limits(job["limits"])
            if job["isolate"] or worker:
                give_up_privileges(worker)
        except (OSError, ValueError) as error:
            report("unavailable", str(error))
            os._exit(0)
        run_program(job["candidates"], job["rest"])
    _, status = os.waitpid(program, 0)
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        report("failed", "used up its CPU time" if name == "SIGXCPU" else f"killed by {name}")
    else:
        report("failed", "ended before its tests did")
    os._exit(0)


def main() -> None:
    """Read a job and run it."""
    job = json.load(sys.stdin.buffer)
    os.umask(0o022)  # what is built here is for another user to read
    signal.alarm(job["seconds"])  # in case the one who started this is gone by then
    worker = 0
    if os.geteuid() == 0:
        worker = 50_000 + os.getpid() % 10_000  # a user of its own: the limit on processes counts by user
    if job["isolate"]:
        try:
            enter_namespaces(worker)
        except OSError as error:
            report("unavailable", str(error))
            return
        worker = min(worker, 1)
    first = os.fork()
    if first == 0:
        first_process(job, worker)
    os.waitpid(first, 0)


if __name__ == "__main__":
    REPORT = os.dup(1)
    main()
