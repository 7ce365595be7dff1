"""Read a file in a child process, within limits of memory and processor time.

A crafted PDF of two kilobytes can ask for any amount of either, a Word file of four kilobytes unpacks to gigabytes, and a
page of twenty can make the parser of browsers build a million elements. Where that cannot be excluded beforehand, the reader
runs here: past its limits the child is ended and the file is named, and nothing else is lost. The child answers in JSON, so
that whatever happens in it, it can hand over data alone. It never looks for code in the current folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from classifier.errors import InternalReadError, ReadError, reason
from classifier.readers import limits
from classifier.types import Block, Document, Format

WAIT_FACTOR, WAIT_SECONDS = 3.0, 20.0
"""The clock may show this much more than the processor time allowed, since other programs run too."""
_MEMORY_EXIT = 77
"""Exit code of a child that ran out of memory."""
_START = "from classifier.readers import isolated; isolated.main()"


def read_isolated(data: bytes, name: str, format: Format, options: Mapping[str, Any]) -> Document:
    """Read one policy in a child process.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        What messages and output call it.
    format
        Which reader reads it.
    options
        Keyword arguments of `readers.parse_as` beyond these; plain data.

    Raises
    ------
    ReadError
        As the reader does; if the file takes more time or memory than a policy may; if no process can be started.
    InternalReadError
        If the reader fails in a way that is a bug of ours.
    """
    seconds = limits.seconds_for(len(data))
    request = {
        "name": name,
        "format": format,
        "options": dict(options),
        "seconds": seconds,
        "memory": limits.MAX_MEMORY_BYTES,
    }
    try:
        done = subprocess.run(
            # -P: or a file json.py in the folder we are in would be run
            [sys.executable or "python3", "-P", "-c", _START, json.dumps(request)],
            input=data,
            capture_output=True,
            timeout=WAIT_FACTOR * seconds + WAIT_SECONDS,
            check=False,
            env=_environment(),
        )
    except OSError as error:
        raise ReadError(f"{name}: cannot be read: Python cannot be started again for it: {reason(error)}") from None
    except subprocess.TimeoutExpired:
        raise ReadError(_too_slow(name, seconds)) from None
    if done.returncode == 0:
        with contextlib.suppress(ValueError):  # a child that was ended while it wrote
            return _document(json.loads(done.stdout), name)
    raise _failure(done.returncode, done.stderr, name, seconds)


def _environment() -> dict[str, str]:
    """Return the environment of the child, in which this package is found wherever it is."""
    ours = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}


def _document(answer: dict[str, Any], name: str) -> Document:
    """Turn the child's answer into a document, or raise the error that it tells of."""
    if "problem" in answer:
        raise ReadError(answer["problem"])
    if "fault" in answer:
        fault = InternalReadError(answer["fault"])
        fault.add_note(answer["traceback"])
        raise fault
    return Document(
        name=name,
        text=answer["text"],
        blocks=tuple([Block(*fields) for fields in answer["blocks"]]),
        encoding=answer["encoding"],
        format=answer["format"],
        coverage=answer["coverage"],
        notes=tuple(answer["notes"]),
        left_out=tuple((reason, words) for reason, words in answer["left_out"]),
    )


def _failure(code: int, stderr: bytes, name: str, seconds: float) -> ReadError:
    """Say why a child gave no answer."""
    said = stderr.decode("utf-8", "replace").strip()
    if code == _MEMORY_EXIT or "MemoryError" in said or "annot allocate memory" in said:
        return ReadError(
            f"{name}: takes more memory than a policy does (over {limits.MAX_MEMORY_BYTES // 2**20} MiB, or than there is); "
            "save its text alone, or print it to a new PDF"
        )
    if code == -_number("SIGXCPU"):
        return ReadError(_too_slow(name, seconds))
    if code <= 0:  # ended by a signal: a library that gets no memory ends the process, as does a damaged file at times
        return ReadError(
            f"{name}: takes more memory than a policy does, or is damaged: the process that read it was ended; save its "
            "text alone, or print it to a new PDF"
        )
    fault = InternalReadError(f"{name}: cannot be read: {said.rpartition(chr(10))[2][:200] or f'exit code {code}'}")
    fault.add_note(said)
    return fault


def _too_slow(name: str, seconds: float) -> str:
    return (
        f"{name}: takes more than {seconds:.0f} seconds of processor time to read, as no policy does; save its text alone, "
        "or print it to a new PDF"
    )


def _number(signal_name: str) -> int:
    import signal

    return int(getattr(signal, signal_name, 0))


# --- in the child --------------------------------------------------------------------------------------------------------


def main() -> None:
    """Read the file that comes through standard input as the first argument says, and write the answer as JSON."""
    request = json.loads(sys.argv[1])
    _limit(request["seconds"], request["memory"])
    try:
        answer = _answer(sys.stdin.buffer.read(), request)
        # half a surrogate pair may stand in a text, and comes back as it was
        sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        sys.stdout.buffer.flush()
    except MemoryError:
        os._exit(_MEMORY_EXIT)  # an orderly end might need memory too


def _limit(seconds: float, memory: int) -> None:
    try:
        import resource
    except ImportError:  # a system that knows no such limits; the clock is looked at all the same
        return
    wanted = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: max(1, round(seconds)),
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _answer(data: bytes, request: dict[str, Any]) -> dict[str, Any]:
    from classifier.readers.registry import parse_as

    try:
        document = parse_as(request["format"], data, request["name"], **request["options"])
    except InternalReadError as fault:
        return {"fault": str(fault), "traceback": "".join(traceback.format_exception(fault.__cause__ or fault))}
    except ReadError as error:
        return {"problem": str(error)}
    return {
        "text": document.text,
        "blocks": document.blocks,
        "encoding": document.encoding,
        "format": document.format,
        "coverage": document.coverage,
        "notes": document.notes,
        "left_out": document.left_out,
    }
