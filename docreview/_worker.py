"""A supervised child process: it may run too long, eat too much or die, and the caller goes on.

The child runs one function, named "module:function", on one JSON value and one piece of bytes after another. Values
cross the pipe as JSON, never as pickles: a parser that was taken over by a hostile file can then hand back wrong data
but no code.
The child is started with `-c`, not by `multiprocessing`, so that it works from notebooks, threads and plain scripts.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any, BinaryIO, Final

from docreview.errors import WorkerError

_START: Final = "import sys,json; sys.path[:]=json.loads(sys.argv[1]); from docreview._worker import serve; serve()"
_HEAD: Final = struct.Struct(">II")  # lengths of the JSON value and of the bytes
_MAX_FRAME: Final = 1 << 30
_OUT_OF_MEMORY: Final = 77


def resident_bytes(pid: int) -> int:
    """Memory that a process holds, in bytes; 0 where the system does not say (not Linux)."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


class Worker:
    """One child process that answers one call at a time; started when needed, replaced when it fails.

    Args:
        target: "package.module:function"; the function takes plain JSON data and bytes, and returns plain JSON data.
        memory_bytes: The child is ended when it holds more (watched on Linux, a hard limit on all POSIX systems).
    """

    def __init__(self, target: str, *, memory_bytes: int) -> None:
        self._target, self._memory = target, memory_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._replies: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lock = threading.Lock()

    def call(self, value: Any, data: bytes = b"", *, timeout: float) -> Any:
        """The function's answer.

        Raises:
            WorkerError: The child died, or went over `timeout` seconds or its memory. The next call starts afresh.
        """
        with self._lock:
            process = self._ensure()
            try:
                # From a thread of its own: a child that does not read must not hold us up beyond the time limit.
                threading.Thread(target=_send_to, args=(process.stdin, value, data), daemon=True).start()
                return self._receive(process, time.monotonic() + timeout)
            except EOFError as error:
                code = process.wait(10)
                self.close()
                raise _ended(code) from error
            except BaseException:
                self.close()
                raise

    def resident_bytes(self) -> int:
        """Memory that the child holds between calls, in bytes; 0 without a child or where the system does not say."""
        return resident_bytes(self._process.pid) if self._process else 0

    def close(self) -> None:
        """End the child, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in filter(None, (process.stdin, process.stdout)):
                _close(pipe)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ensure(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            command = [sys.executable, "-c", _START, json.dumps(sys.path), self._target, str(self._memory)]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            self._replies = queue.SimpleQueue()  # a new one, so that nothing comes from an earlier child
            threading.Thread(target=_pump, args=(self._process.stdout, self._replies), daemon=True).start()
        return self._process

    def _receive(self, process: subprocess.Popen[bytes], deadline: float) -> Any:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise WorkerError("timeout", "over the time limit")
            if resident_bytes(process.pid) > self._memory:
                raise WorkerError("memory", f"over the memory limit of {self._memory >> 20} MiB")
            try:
                reply = self._replies.get(timeout=min(left, 0.05))
            except queue.Empty:
                continue
            if reply is None:
                raise EOFError
            return json.loads(reply.decode("utf-8", "surrogatepass"))


def _ended(code: int) -> WorkerError:
    """What the exit code of a child that ended without an answer means."""
    if code in (_OUT_OF_MEMORY, -9):
        return WorkerError("memory", "the parser's process ran out of memory")
    return WorkerError("crashed", f"the parser's process ended (exit code {code})")


def _close(pipe: IO[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError):
        pipe.close()


def _pump(pipe: BinaryIO, replies: queue.SimpleQueue[bytes | None]) -> None:
    """Move whole replies from the pipe to the queue; None says that the child has ended."""
    with contextlib.suppress(OSError, ValueError):  # closed under us
        while (reply := _whole_reply(pipe)) is not None:
            replies.put(reply)
    replies.put(None)


def _whole_reply(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    size = _HEAD.unpack(head)[0]
    reply = pipe.read(size)
    return reply if len(reply) == size else None


def _send_to(pipe: BinaryIO, value: Any, data: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):  # the child has ended: whoever waits for its answer is told
        _send(pipe, value, data)


def _send(pipe: BinaryIO, value: Any, data: bytes = b"") -> None:
    raw = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if max(len(raw), len(data)) > _MAX_FRAME:
        raise MemoryError
    pipe.write(_HEAD.pack(len(raw), len(data)) + raw)
    pipe.write(data)
    pipe.flush()


def _limit_memory(limit: int) -> None:
    try:
        import resource
    except ImportError:  # not POSIX: the parent's watch is all there is
        return
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some limits
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_with_parent(parent: int) -> None:
    """A parser in an endless loop must not outlive a caller that was killed."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def serve() -> None:
    """The child's side: answer calls from stdin until it closes. Exit code 77 says "out of memory"."""
    pipe_in, pipe_out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints must not reach the pipe
    module, _, name = sys.argv[2].partition(":")
    function: Callable[[Any, bytes], Any] = getattr(importlib.import_module(module), name)
    _limit_memory(int(sys.argv[3]))
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    while head := pipe_in.read(_HEAD.size):
        value_size, data_size = _HEAD.unpack(head)
        value = json.loads(pipe_in.read(value_size).decode("utf-8", "surrogatepass"))
        try:
            _send(pipe_out, function(value, pipe_in.read(data_size)))
        except MemoryError:
            os._exit(_OUT_OF_MEMORY)
        except BrokenPipeError:
            return
