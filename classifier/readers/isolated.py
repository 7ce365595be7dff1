"""Read a file in a child process, within limits of memory and processor time.

Some files can cost any amount of either: a crafted PDF of two kilobytes, a Word file of four that unpacks to gigabytes, a
page of twenty that makes the HTML parser build a million elements. Where that cannot be excluded beforehand, the reader runs
here. Past its limits the child is ended, the file is named, and nothing else is lost. The child answers in JSON, so that even
a compromised one can return nothing but data. It never imports code from the current folder.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from classifier.errors import InternalReadError, ReadError, reason
from classifier.readers import limits
from classifier.readers.formats import READERS, ReadOptions
from classifier.text.escaping import escape_controls, escape_name
from classifier.types import Block, Document, Link

WALL_TIME_FACTOR, WALL_TIME_EXTRA_SECONDS = 3.0, 20.0
"""Wall time that a child may take: this many times its processor time, plus this; other programs run too."""
_MEMORY_EXIT = 77
"""Exit code of a child that ran out of memory."""
FORMATS = frozenset(reader.name for reader in READERS)
"""Formats of documents that may be attached to an e-mail."""
_CHILD_CODE = "from classifier.readers import isolated; isolated.main()"


def read_isolated(data: bytes, name: str, format: str, options: ReadOptions) -> list[Document]:
    """Read the documents of a file in a child process.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        Name of the file in messages and output.
    format
        Name of the reader.
    options
        Options of the reader.

    Raises
    ------
    ReadError
        As the reader does; also if the file takes more time or memory than a policy may, or no process can be started.
    InternalReadError
        If the reader fails because of a bug.
    """
    seconds = limits.seconds_for(len(data))
    request = {
        "name": name,
        "format": format,
        "options": options._asdict(),
        "seconds": seconds,
        "memory": limits.MAX_MEMORY_BYTES,
    }
    try:
        child = subprocess.run(
            # -P: or a file json.py in the current folder would be run
            [sys.executable or "python3", "-P", "-c", _CHILD_CODE, json.dumps(request)],
            input=data,
            capture_output=True,
            timeout=WALL_TIME_FACTOR * seconds + WALL_TIME_EXTRA_SECONDS,
            check=False,
            env=_environment(),
        )
    except OSError as error:
        raise ReadError(f"{name}: cannot be read: Python cannot be started again for it: {reason(error)}") from None
    except subprocess.TimeoutExpired:
        raise ReadError(_too_slow(name, seconds)) from None
    if child.returncode == 0:
        # a child that was ended while it wrote, or that a file took over, gives no valid answer
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            return _documents(json.loads(child.stdout), name, format)
    raise _failure(child.returncode, child.stderr, name, seconds)


def _environment() -> dict[str, str]:
    """Return the environment of the child, in which this package is found wherever it is installed."""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}


def _documents(answer: dict[str, Any], name: str, format: str) -> list[Document]:
    """Turn the answer of the child into documents, or raise the error that it reports.

    Names and messages are escaped again, and the format must be the one asked for, or that of what is attached to an e-mail:
    the child has read a file of a stranger.
    """
    if "problem" in answer:
        raise ReadError(escape_controls(answer["problem"]))
    if "fault" in answer:
        fault = InternalReadError(escape_controls(answer["fault"]))
        fault.add_note(answer["traceback"])
        raise fault
    if not answer["documents"]:
        raise ValueError("no document")
    for fields in answer["documents"]:
        is_attached = format == "email" and fields["format"] in FORMATS
        if not fields["name"].startswith(name) or not (fields["format"] == format or is_attached):
            raise ValueError("a document of another file")
    return [
        Document(
            name=escape_name(fields["name"]),
            text=fields["text"],
            blocks=tuple([Block(*block) for block in fields["blocks"]]),
            encoding=fields["encoding"],
            format=fields["format"],
            coverage=fields["coverage"],
            notes=tuple(fields["notes"]),
            left_out=tuple((reason, n_words) for reason, n_words in fields["left_out"]),
            links=tuple([Link(start, end, escape_controls(address)) for start, end, address in fields["links"]]),
        )
        for fields in answer["documents"]
    ]


def _failure(code: int, stderr: bytes, name: str, seconds: float) -> ReadError:
    """Return the error for a child that gave no answer."""
    output = stderr.decode("utf-8", "replace").strip()
    if code == _MEMORY_EXIT or "MemoryError" in output or "annot allocate memory" in output:
        return ReadError(
            f"{name}: takes more memory than a policy does (over {limits.MAX_MEMORY_BYTES // 2**20} MiB, or than there is); "
            "save its text alone, or print it to a new PDF"
        )
    if code == -_signal_number("SIGXCPU"):
        return ReadError(_too_slow(name, seconds))
    if code <= 0:  # ended by a signal: libraries abort where memory is refused, and some crash over a damaged file
        return ReadError(
            f"{name}: takes more memory than a policy does, or is damaged: the process that read it was ended; save its "
            "text alone, or print it to a new PDF"
        )
    last_line = output.rpartition("\n")[2][:200]
    fault = InternalReadError(f"{name}: cannot be read: {last_line or f'exit code {code}'}")
    fault.add_note(output)
    return fault


def _too_slow(name: str, seconds: float) -> str:
    return (
        f"{name}: takes more than {seconds:.0f} seconds of processor time to read, as no policy does; save its text alone, "
        "or print it to a new PDF"
    )


def _signal_number(name: str) -> int:
    """Return the number of a signal, 0 on systems without it."""
    import signal

    return int(getattr(signal, name, 0))


# --- in the child --------------------------------------------------------------------------------------------------------


def main() -> None:
    """Read the file on standard input by the request in the first argument, and write the answer as JSON."""
    request = json.loads(sys.argv[1])
    _set_limits(request["seconds"], request["memory"])
    try:
        answer = _answer(sys.stdin.buffer.read(), request)
        # surrogatepass: a text may hold half a surrogate pair, which must come back unchanged
        sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        sys.stdout.buffer.flush()
    except MemoryError:
        os._exit(_MEMORY_EXIT)  # an orderly end might need memory too


def _set_limits(seconds: float, memory: int) -> None:
    try:
        import resource
    except ImportError:  # a system without such limits; the parent still limits the wall time
        return
    limits_wanted = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: max(1, round(seconds)),
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in limits_wanted.items():
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _answer(data: bytes, request: dict[str, Any]) -> dict[str, Any]:
    from classifier.readers.registry import read_as

    try:
        documents = read_as(request["format"], data, request["name"], ReadOptions(**request["options"]))
    except InternalReadError as fault:
        return {"fault": str(fault), "traceback": "".join(traceback.format_exception(fault.__cause__ or fault))}
    except ReadError as error:
        return {"problem": str(error)}
    names = [field.name for field in dataclasses.fields(Document)]
    return {"documents": [{name: getattr(document, name) for name in names} for document in documents]}
