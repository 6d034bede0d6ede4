"""Nothing leaves this machine: the watches see what they must see, and the main job runs where there is no network."""

import shutil
import socket
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import docreview.evaluate.offline as offline
from docreview.cli import app
from docreview.evaluate.offline import outside, prove, report, witness
from docreview.evaluate.offline.jobs import Job, main_jobs, write_documents

NO_STRACE = offline._strace_problem()
NO_NAMESPACE = offline._namespace_problem()
NATIVE = """
import ctypes, socket, struct
libc = ctypes.CDLL(None)
where = struct.pack("=HHI8x", 2, socket.htons(443), struct.unpack("=I", socket.inet_aton("192.0.2.7"))[0])
libc.connect(libc.socket(2, 1, 0), where, 16)
"""


def python(name, code):
    return Job(name=name, command=(sys.executable, "-c", code))


class Sock:
    def __init__(self, family=socket.AF_INET):
        self.family = family


@pytest.mark.parametrize(
    ("event", "args", "seen"),
    [
        ("socket.connect", (Sock(), ("127.0.0.1", 80)), False),
        ("socket.connect", (Sock(), ("127.9.9.9", 80)), False),
        ("socket.connect", (Sock(socket.AF_INET6), ("::1", 80, 0, 0)), False),
        ("socket.connect", (Sock(), ("localhost", 80)), False),
        ("socket.connect", (Sock(), ("192.0.2.1", 80)), True),
        ("socket.connect", (Sock(), ("128.0.0.1", 80)), True),
        ("socket.connect", (Sock(socket.AF_INET6), ("2001:db8::1", 80, 0, 0)), True),
        ("socket.connect", (Sock(), ("localhost.example.com", 80)), True),
        ("socket.connect", (Sock(), ("", 80)), True),
        ("socket.sendto", (Sock(), ("192.0.2.1", 53)), True),
        ("socket.sendmsg", (Sock(), None), False),
        ("socket.bind", (Sock(), ("127.0.0.1", 0)), False),
        ("socket.bind", (Sock(), ("0.0.0.0", 0)), True),
        ("socket.bind", (Sock(), ("", 0)), True),
        ("socket.getaddrinfo", ("example.com", 80, 0, 0, 0), True),
        ("socket.getaddrinfo", (b"example.com", 80, 0, 0, 0), True),
        ("socket.getaddrinfo", ("localhost", 80, 0, 0, 0), False),
        ("socket.getaddrinfo", (None, 80, 0, 0, 0), False),
        ("socket.gethostbyname", ("example.com",), True),
        ("socket.getnameinfo", (("192.0.2.1", 80),), True),
        ("open", ("/etc/passwd", "r", 0), False),
    ],
)
def test_what_the_audit_hook_takes_for_reaching_out(event, args, seen):
    assert bool(witness.judge(event, args)) is seen


def test_local_sockets_are_no_reaching_out():
    assert witness.judge("socket.connect", (Sock(socket.AF_UNIX), "/tmp/x")) == ""


def inet(call, host, port, family="AF_INET"):
    name = f'inet_addr("{host}")' if family == "AF_INET" else f'inet_pton(AF_INET6, "{host}", &sin6_addr)'
    return f"7 {call}(3, {{sa_family={family}, sin_port=htons({port}), sin_addr={name}}}, 16) = -1 ENETUNREACH"


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        (inet("connect", "127.0.0.1", 80), ""),
        (inet("connect", "192.0.2.7", 443), "connect 192.0.2.7:443"),
        (inet("connect", "192.0.2.7", 443).removeprefix("7 "), "connect 192.0.2.7:443"),
        (inet("connect", "127.0.0.53", 53), "connect 127.0.0.53:53"),
        (inet("connect", "2001:db8::1", 443, "AF_INET6"), "connect 2001:db8::1:443"),
        (inet("connect", "::1", 443, "AF_INET6"), ""),
        (inet("bind", "0.0.0.0", 0), "bind 0.0.0.0:0"),
        (inet("bind", "127.0.0.1", 0), ""),
        (inet("sendto", "192.0.2.7", 9), "sendto 192.0.2.7:9"),
        ('7 sendto(3, "GET /", 5, 0, NULL, 0) = 5', ""),
        ('7 connect(3, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = -1 ENOENT', ""),
        ("7 bind(3, {sa_family=AF_NETLINK, nl_pid=0}, 12) = 0", ""),
    ],
)
def test_what_a_system_call_reaches(line, seen):
    assert outside(line) == seen


def test_python_code_that_reaches_out_is_named_in_children_too():
    ask = "import socket; socket.getaddrinfo('example.com', 80)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ask!r}])"
    serve = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    jobs = [
        python("direct", "import socket; socket.create_connection(('192.0.2.1', 80), 1)"),
        python("child", child),
        python("caught", "import socket\ntry: socket.socket().connect(('192.0.2.1', 80))\nexcept OSError: pass"),
        python("loopback", serve),
    ]
    proof = prove(jobs=jobs, watches=("none",))
    direct, child_ran, caught, loopback = proof.jobs
    assert not direct.good
    assert any("192.0.2.1" in attempt for attempt in direct.attempts)
    assert child_ran.processes == 2
    assert child_ran.attempts == ("socket.getaddrinfo example.com",)
    assert caught.good, "code that swallows the refusal ends well"
    assert caught.attempts, "and is caught all the same"
    assert loopback.good
    assert loopback.attempts == ()
    assert not proof.clean
    assert "REACHED OUT" in report(proof)


def test_a_job_that_fails_proves_nothing():
    proof = prove(jobs=[python("broken", "raise SystemExit('lost')")], watches=("none",))
    assert not proof.clean
    assert "lost" in report(proof)


def test_python_that_runs_without_the_hook_proves_nothing():
    job = Job(name="isolated", command=(sys.executable, "-I", "-c", "pass"))
    assert not prove(jobs=[job], watches=("none",)).clean


def test_a_proof_says_how_far_it_goes():
    shown = report(prove(jobs=[python("nothing", "pass")], watches=("none",)))
    assert "Proven for Python code alone" in shown


@pytest.mark.skipif(bool(NO_STRACE), reason=f"system calls can't be watched here: {NO_STRACE}")
@pytest.mark.slow
def test_native_code_that_reaches_out_is_named():
    job = prove(jobs=[python("native", NATIVE)], watches=("strace",)).jobs[0]
    assert job.attempts == ("connect 192.0.2.7:443",)


@pytest.mark.skipif(bool(NO_NAMESPACE), reason=f"no network namespace can be made here: {NO_NAMESPACE}")
def test_a_namespace_holds_loopback_and_nothing_else():
    code = """
import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname())
names = [name for _, name in socket.if_nameindex()]
assert names == ["lo"], names
"""
    assert prove(jobs=[python("inside", code)], watches=("namespace",)).jobs[0].good


@pytest.mark.slow
def test_the_main_job_runs_without_any_network_and_asks_for_none(corpora, tmp_path):
    """Everything but what the extras add: `docreview doctor --prove-offline` runs that too."""
    documents = shutil.copytree(corpora / "transcripts", tmp_path / "documents")
    shutil.copyfile(corpora / "contracts" / "msa.pdf", documents / "msa.pdf")
    shutil.copyfile(corpora / "contracts" / "lease.docx", documents / "lease.docx")
    names = ("import", "help", "triage", "index", "search", "review", "lint", "redact", "kpi")
    jobs = [job for job in main_jobs(documents, tmp_path) if job.name in names]
    assert [job.name for job in jobs] == list(names)
    proof = prove(jobs=jobs)
    assert proof.clean, report(proof)
    assert (tmp_path / "out" / "report.html").exists()
    if NO_STRACE or NO_NAMESPACE:
        pytest.skip(f"proven for less than all: strace: {NO_STRACE or 'used'}; namespace: {NO_NAMESPACE or 'used'}")


def test_the_documents_of_a_proof_are_readable(tmp_path):
    from docreview.read import read

    folder = write_documents(tmp_path / "documents")
    assert {read(file).source.media_type for file in folder.iterdir()} >= {"text/plain", "text/html", "text/vtt"}


def test_what_packages_would_report_is_off_once_docreview_is_imported():
    code = (
        "import docreview, os, sys\n"
        "assert os.environ['ANONYMIZED_TELEMETRY'] == 'False' and os.environ['DO_NOT_TRACK'] == '1'\n"
        "try:\n    import openvino_telemetry\nexcept ImportError:\n    print('muted')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "muted\n"


@pytest.mark.slow
def test_a_conversion_by_openvino_tells_nobody():
    pytest.importorskip("openvino", reason="the dense extra is absent")
    code = """
import docreview, openvino, torch
class One(torch.nn.Module):
    def forward(self, x):
        return x + 1
openvino.convert_model(One(), example_input=torch.ones(2))
"""
    job = prove(jobs=[python("convert", code)], watches=("none",)).jobs[0]
    assert job.good, job.message
    assert job.attempts == ()


def test_the_command(monkeypatch):
    monkeypatch.setattr(offline, "main_jobs", lambda *_: [python("nothing", "pass")])
    done = CliRunner().invoke(app, ["doctor", "--prove-offline"])
    assert done.exit_code == 0, done.output
    assert "nothing" in done.stdout
    monkeypatch.setattr(offline, "main_jobs", lambda *_: [python("bad", "import socket; socket.gethostbyname('a.b')")])
    assert CliRunner().invoke(app, ["doctor", "--prove-offline", "--json"]).exit_code == 1
