"""Programs that mean harm are contained."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stratix.scorers import _sandbox
from stratix.scorers._sandbox import Limits, Run, SandboxUnavailable

LIMITS = Limits(seconds=5.0, memory=512 << 20)
SHORT = Limits(seconds=1.0, memory=512 << 20)


def isolated() -> bool:
    try:
        return _sandbox.run(["x = 1"], "assert x == 1", LIMITS).passed
    except SandboxUnavailable:
        return False


pytestmark = pytest.mark.skipif(not isolated(), reason="this kernel permits no namespaces")


def run(program: str, rest: str = "", limits: Limits = LIMITS) -> Run:
    return _sandbox.run([program], rest, limits)


def jails() -> set[int]:
    """Return the ids of the sandbox's processes that are alive on this machine."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"_jail.py" in command:
                found.add(int(entry.name))
    return found


def test_harmless_program_passes() -> None:
    assert run("def f(): return 2", "assert f() == 2") == Run(True, "")


def test_failed_test_is_told() -> None:
    assert run("def f(): return 1", "assert f() == 2, 'f is wrong'") == Run(
        False, "AssertionError: f is wrong"
    )


def test_library_is_there() -> None:
    assert run(
        "import collections, datetime, decimal, hashlib, heapq, itertools, json, math, re, typing"
    ).passed


def test_dataclasses_work() -> None:
    program = (
        "from __future__ import annotations\nimport dataclasses\n@dataclasses.dataclass\nclass P:\n    x: int"
    )
    assert run(program, "assert P(1).x == 1").passed


def test_main_block_does_not_run() -> None:
    assert run("if __name__ == '__main__':\n    raise SystemExit(1)").passed


@pytest.mark.parametrize("leave", ["import sys; sys.exit(0)", "exit(0)", "import os; os._exit(0)"])
def test_leaving_early_is_no_pass(leave: str) -> None:
    assert not run(leave, "assert False").passed


def test_first_candidate_that_compiles_runs() -> None:
    result = _sandbox.run(["def (", "x = 2", "x = 3"], "assert x == 2", LIMITS)
    assert result == Run(True, "", candidate=1)
    assert not _sandbox.run(["def ("], "", LIMITS).compiled


def test_endless_loop_is_stopped() -> None:
    start = time.monotonic()
    assert run("while True: pass", limits=SHORT).reason == "stopped after 1 s"
    assert time.monotonic() - start < 3


def test_endless_sleep_is_stopped() -> None:
    start = time.monotonic()
    assert run("import time; time.sleep(1000)", limits=SHORT).reason == "stopped after 1 s"
    assert time.monotonic() - start < 3


def test_ten_gigabytes_are_refused() -> None:
    assert run("x = bytearray(10 << 30)").reason.startswith("MemoryError")


def test_slow_growth_is_refused() -> None:
    assert run("x = []\nwhile True: x.append(' ' * 1_000_000)").reason.startswith("MemoryError")


def test_fork_bomb_is_contained_and_swept_up() -> None:
    bomb = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
    before = jails()
    assert run(bomb, limits=SHORT).reason == "stopped after 1 s"
    left = jails() - before  # perhaps with those of another program that runs just now
    deadline = time.monotonic() + 20
    while left & jails() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left & jails()


def test_number_of_processes_is_limited() -> None:
    count = (
        "import os, time\nn = 0\nwhile n < 200:\n    if os.fork() == 0:\n        time.sleep(60)\n    n += 1"
    )
    assert run(count).reason.startswith("BlockingIOError")


def test_a_child_in_a_session_of_its_own_is_swept_up() -> None:
    before = jails()
    assert run("import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(1000)").passed
    left = jails() - before  # perhaps with those of another program that runs just now
    deadline = time.monotonic() + 20
    while left & jails() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left & jails()


def test_a_forked_child_cannot_pass_for_its_parent() -> None:
    assert not run("import os, time\nif os.fork():\n    time.sleep(0.3)\n    raise ValueError").passed


@pytest.mark.parametrize(
    "path",
    ["/usr/lib/stratix-was-here", "/stratix-was-here", "/tmp/stratix-was-here", "/etc/passwd", "/lib/x"],
)
def test_writing_outside_is_refused(path: str) -> None:
    existed = os.path.exists(path)
    before = os.stat(path).st_mtime_ns if existed else None
    assert not run(f"open({path!r}, 'a').write('x')").passed
    assert os.path.exists(path) is existed
    assert (os.stat(path).st_mtime_ns if existed else None) == before


def test_files_of_the_machine_are_not_there(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    tmp_path.chmod(0o777)
    assert run(f"open({str(secret)!r}).read()").reason.startswith("FileNotFoundError")
    assert run(f"open({str(tmp_path / 'new')!r}, 'w')").reason.startswith("FileNotFoundError")
    assert run("import os", "assert not {'home', 'etc', 'proc', 'tmp', 'var'} & set(os.listdir('/'))").passed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.txt"]


def test_own_folder_is_empty_writable_and_gone_afterwards() -> None:
    program = (
        "import os\nassert os.listdir() == []\nopen('mine', 'w').write('x')\nassert os.listdir() == ['mine']"
    )
    assert run(program) == Run(True, "")
    assert run(program) == Run(True, "")


def test_files_are_limited_in_size_and_sum() -> None:
    assert "File too large" in run("open('x', 'wb').write(bytes(100 << 20))").reason
    many = "for n in range(100):\n    open(f'x{n}', 'wb').write(bytes(8 << 20))"
    assert "No space left" in run(many).reason


def test_number_of_open_files_is_limited() -> None:
    assert "Too many open files" in run("held = [open('x', 'w') for _ in range(1000)]").reason


def test_network_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        result = run(f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)")
        assert "Network is unreachable" in result.reason
        with pytest.raises(TimeoutError):
            server.accept()


def test_environment_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert run("import os", "assert set(os.environ) <= {'HOME', 'PATH', 'LC_CTYPE'}, os.environ").passed


def test_other_processes_cannot_be_seen_or_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        try:
            assert run(f"import os; os.kill({other.pid}, 9)").reason.startswith("ProcessLookupError")
            assert other.poll() is None
        finally:
            other.kill()


@pytest.mark.parametrize(
    "call",
    [
        "libc.mount(b'none', b'/work', b'tmpfs', 0, None)",
        "libc.unshare(0x10000000)",
        "libc.unshare(0x00020000)",
        "libc.sethostname(b'x', 1)",
        "libc.chroot(b'/work')",
    ],
)
def test_privileges_are_gone(call: str) -> None:
    assert run("import ctypes\nlibc = ctypes.CDLL(None)", f"assert {call} == -1").passed


def test_limits_cannot_be_raised() -> None:
    program = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))"
    assert run(program).reason.startswith("ValueError")


def test_printing_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("print('noise ' * 1_000_000)").passed
    assert capfd.readouterr() == ("", "")


def test_many_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: run(f"x = {n}", f"assert x == {n} and x % 2 == 0"), range(24)))
    assert [result.passed for result in results] == [n % 2 == 0 for n in range(24)]


def test_refused_where_namespaces_are_not_permitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    with pytest.raises(SandboxUnavailable, match="plan9 has no namespaces.*STRATIX_ALLOW_UNISOLATED_CODE=1"):
        run("x = 1")


def test_limits_hold_without_isolation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")

    def unisolated(program: str, rest: str = "") -> Run:
        return _sandbox.run([program], rest, SHORT, allow_unisolated=True)

    assert unisolated("x = 1", "assert x == 1").passed
    assert unisolated("x = bytearray(10 << 30)").reason.startswith("MemoryError")
    assert unisolated("while True: pass").reason == "stopped after 1 s"
    assert unisolated("import os\nwhile True: os.fork()").reason.startswith("BlockingIOError")
    assert "Permission denied" in unisolated("open('/usr/lib/x', 'w')").reason


@pytest.mark.skipif(os.geteuid() != 0, reason="the tests above ran as an ordinary user already")
def test_ordinary_user_is_contained_too() -> None:
    python = shutil.which("python3", path="/usr/local/bin:/usr/bin")
    source = Path(_sandbox.__file__).parents[2]
    program = (
        f"import sys; sys.path.insert(0, {str(source)!r})\n"
        "from stratix.scorers._sandbox import run, Limits\n"
        "for text in ('x = 1', 'import os\\nwhile True: os.fork()', \"open('/etc/passwd')\"):\n"
        "    print(run([text], '', Limits(seconds=5.0)).reason.partition(':')[0])\n"
    )
    ids = {"user": 65534, "group": 65534, "extra_groups": []}
    if (
        python is None
        or subprocess.run([python, "-c", f"open({_sandbox.__file__!r})"], check=False, **ids).returncode
    ):
        pytest.skip("an ordinary user can read neither a Python nor this source")
    out = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False, cwd="/", **ids)
    assert out.stdout.splitlines() == ["", "BlockingIOError", "FileNotFoundError"], out.stderr


def test_whoever_keeps_its_files_to_itself_can_run_programs_too() -> None:
    before = os.umask(0o077)
    try:
        assert run("import math").passed
    finally:
        os.umask(before)
