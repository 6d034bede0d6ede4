"""The proof that nothing leaves this machine: docreview's own jobs, run under watch.

Three watches, each as far as the system lets it: an audit hook in every Python process (refuses and notes), the system
calls of every process (strace: native code too), and a network namespace in which there is nothing but loopback.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import site
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docreview.evaluate.offline import witness
from docreview.evaluate.offline.jobs import Job, main_jobs, write_documents
from docreview.types import Value

_LIMIT: Final = 1800.0  # seconds for one job
_CALL: Final = re.compile(r"^(?:\d+ +)?(connect|sendto|sendmsg|sendmmsg|bind)\(.*sa_family=(AF_INET6?)\b(.*)$")
_PORT: Final = re.compile(r"sin6?_port=htons\((\d+)\)")
_ADDRESS: Final = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_ENTER: Final = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up, running
os.execvp(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran(Value):
    """One job under watch: its exit code (None: it took too long), and what it tried to reach beyond this machine."""

    name: str
    code: int | None
    good: bool
    seconds: float
    processes: int
    attempts: tuple[str, ...]
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof(Value):
    """What was run, how it was watched (`system_calls` and `namespace`: "" or why not), and what came of it."""

    jobs: tuple[Ran, ...]
    system_calls: str
    namespace: str

    @property
    def clean(self) -> bool:
        """Whether every job did its work and none tried to reach beyond this machine."""
        return bool(self.jobs) and all(job.good and not job.attempts and job.processes for job in self.jobs)


def prove(documents: Path | None = None, *, jobs: Iterable[Job] | None = None, watches: Sequence[str] = ()) -> Proof:
    """Run the main job under watch, as a new user with an empty home folder.

    Args:
        documents: A folder of documents; a few small ones by default.
        jobs: Other jobs than the main one.
        watches: Leave out those not named ("strace", "namespace"); by default both are used where they can be.
    """
    wanted = watches or ("strace", "namespace")
    calls = _strace_problem() if "strace" in wanted else "not asked for"
    space = _namespace_problem() if "namespace" in wanted else "not asked for"
    with tempfile.TemporaryDirectory(prefix="docreview-offline-") as name:
        work = Path(name)
        folder = documents.resolve() if documents else write_documents(work / "documents")
        chosen = jobs if jobs is not None else main_jobs(folder, work)
        ran = tuple(_run(job, work, strace=not calls, namespace=not space) for job in chosen)
    return Proof(jobs=ran, system_calls=calls, namespace=space)


def report(proof: Proof) -> str:
    """What was proven and how, for people."""
    lines = []
    for job in proof.jobs:
        state = "ok" if job.good and not job.attempts else "FAILED" if not job.good else "REACHED OUT"
        lines.append(f"{state:11} {job.name}: {job.seconds:.1f} s, {job.processes} Python processes watched")
        lines += [f"            {attempt}" for attempt in job.attempts] + (
            [f"            {job.message}"] if job.message else []
        )
    lines += [
        "",
        "Python code: every socket call of every Python process, by audit hook; attempts are refused.",
        f"All code, native too, by its system calls (strace): {proof.system_calls or 'watched'}",
        f"A network namespace with loopback alone: {proof.namespace or 'used; no other network was there'}",
        "",
        _verdict(proof),
    ]
    return "\n".join(lines)


def _verdict(proof: Proof) -> str:
    if not proof.clean:
        return "NOT PROVEN: a job failed or tried to reach beyond this machine; see above."
    if not proof.system_calls:
        return "Proven for these jobs on this machine: no process tried to reach anything but this machine."
    if not proof.namespace:
        return "Proven for these jobs: they work without network; Python code asked for none. Native code: see above."
    return "Proven for Python code alone: no Python process tried to reach beyond this machine. Native code: see above."


def _run(job: Job, work: Path, *, strace: bool, namespace: bool) -> Ran:
    notes, trace, hooks = work / "notes.jsonl", work / "trace.txt", work / "hooks"
    for file in (notes, trace):
        file.unlink(missing_ok=True)
    hooks.mkdir(exist_ok=True)
    shutil.copyfile(witness.__file__, hooks / "sitecustomize.py")
    command = list(job.command)
    if strace:
        calls = "trace=connect,sendto,sendmsg,sendmmsg,bind"
        command = ["strace", "-f", "-qq", "-s", "64", "-e", calls, "-e", "signal=none", "-o", str(trace), *command]
    if namespace:
        command = ["unshare", "--user", "--map-root-user", "--net", sys.executable, "-S", "-c", _ENTER, *command]
    began = time.perf_counter()
    code, said = _finish(command, _environment(work, hooks, notes))
    attempts, processes = _noted(notes)
    if strace and trace.exists():
        attempts += [found for line in trace.read_text("utf-8", "replace").splitlines() if (found := outside(line))]
    good = code in job.good
    return Ran(
        name=job.name,
        code=code,
        good=good,
        seconds=round(time.perf_counter() - began, 1),
        processes=processes,
        attempts=tuple(dict.fromkeys(attempts)),
        message="" if good else f"exit code {code}: {said}",
    )


def _environment(work: Path, hooks: Path, notes: Path) -> dict[str, str]:
    """That of a new user: an empty home, no settings, no caches; Python finds what it finds now."""
    home = work / "home"
    home.mkdir(exist_ok=True)
    paths = [str(hooks), *(path for path in sys.path if path)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DOCREVIEW_", "XDG_", "HF_"))}
    return kept | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "PYTHONUSERBASE": site.getuserbase(),
        "PYTHONPATH": os.pathsep.join(paths),
        witness.PLACE: str(notes),
    }


def _finish(command: Sequence[str], environment: dict[str, str]) -> tuple[int | None, str]:
    """Exit code, None after too long; and the last line that was said on stderr."""
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=_LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return None, f"took longer than {_LIMIT:.0f} s"
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return done.returncode, said[-1][:300] if said else ""


def _noted(notes: Path) -> tuple[list[str], int]:
    rows: list[dict[str, Any]] = []
    if notes.exists():
        rows = [json.loads(line) for line in notes.read_text("utf-8").splitlines()]
    return [row["attempt"] for row in rows if "attempt" in row], sum("started" in row for row in rows)


def outside(line: str) -> str:
    """What a line of strace would reach beyond this machine; empty when nothing.

    Port 53 of this machine counts: behind it stands a resolver that asks others.
    """
    found = _CALL.match(line)
    if not found:
        return ""
    call, _, rest = found.groups()
    at, port = _ADDRESS.search(rest), _PORT.search(rest)
    host = next(filter(None, at.groups()), "") if at else ""
    where = port.group(1) if port else ""
    if call == "bind":
        return "" if witness.is_here(host) and host else f"bind {host}:{where}"
    return "" if host and witness.is_here(host) and where != "53" else f"{call} {host}:{where}"


def _strace_problem() -> str:
    if not shutil.which("strace"):
        return "not watched: the program strace is not installed"
    return _tried(["strace", "-f", "-qq", "-e", "trace=connect", "-o", os.devnull, "true"])


def _namespace_problem() -> str:
    if not shutil.which("unshare"):
        return "not used: there is no program unshare here (it is Linux's)"
    return _tried(["unshare", "--user", "--map-root-user", "--net", sys.executable, "-S", "-c", _ENTER, "true"])


def _tried(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"not possible here: {type(error).__name__}"
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return "" if done.returncode == 0 else f"not permitted here: {said[-1][:200] if said else done.returncode}"
