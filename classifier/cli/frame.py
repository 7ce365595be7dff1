"""What all commands share: their group, clean ends, output, progress and remarks; only this package talks to the terminal.

Exit codes: 0 done; 1 something given could not be used (a policy, data, a model, an output path), the rest is done; 2 the
command line is wrong; 130 interrupted; 141 the reader of the output went away; 128 + n ended by signal n.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

import classifier
from classifier.errors import ClassifierError, WriteError

EXIT_FAILED, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 1, 130, 141


class _Guarded(click.Command):
    """A command whose ends are clean: one sentence for an error, nothing for a closed pipe."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with contextlib.suppress(ValueError):  # in a thread, as where a program calls this, signals are not ours
                for number in (signal.SIGTERM, signal.SIGHUP):
                    if signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored, and means it
                        signal.signal(number, _ended)  # or what is half-written would stay
            if sys.stdout is None:
                raise WriteError("<stdout>: cannot be written: it is closed")
            result = super().invoke(ctx)
            sys.stdout.flush()
        except ClassifierError as error:
            say(str(error))
            ctx.exit(EXIT_FAILED)
        except (KeyboardInterrupt, click.Abort):
            say("interrupted")
            ctx.exit(EXIT_INTERRUPTED)
        except OSError as error:  # of standard output; what we open ourselves has a sentence of its own
            with contextlib.suppress(OSError):  # or Python complains when it flushes at its end
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if isinstance(error, BrokenPipeError):
                ctx.exit(EXIT_BROKEN_PIPE)
            say(f"<stdout>: cannot be written: {error.strerror}")
            ctx.exit(EXIT_FAILED)
        return result


def _ended(number: int, _frame: object) -> None:
    sys.exit(128 + number)


class _Group(_Guarded, click.Group):
    command_class = _Guarded


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(classifier.__version__, prog_name="clauses")
def main() -> None:
    """Tag every clause of a privacy policy with what it is about."""


def refuse_overwriting(output: str | None, files: Iterable[str | Path]) -> None:
    """Stop before the output takes the place of what is read."""
    for file in files:
        with contextlib.suppress(OSError, ValueError):
            if output is not None and Path(output).samefile(file):
                raise WriteError(f"{file}: is to be read; name another file for the output")


def write(
    pieces: Iterable[str] | Iterable[bytes], output: str | None, unless: Callable[[], bool] = lambda: False
) -> None:
    """Write pieces of text to standard output as they come, or to a file once they are all there and `unless` is not so."""
    if output not in (None, "-"):
        from classifier import files

        files.write(str(output), (piece.encode() if isinstance(piece, str) else piece for piece in pieces), unless)
        return
    if not sys.stdout.isatty() and hasattr(sys.stdout, "reconfigure"):  # data are UTF-8 whatever the locale says
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    elif hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    for piece in pieces:
        sys.stdout.write(str(piece))


def is_debugging() -> bool:
    """Whether tracebacks are to be shown."""
    return bool(os.environ.get("CLAUSES_DEBUG"))


def processors() -> int:
    """Count the processors that we may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def progress(steps: int, label: str, unit: str = "", hidden: bool = False) -> Iterator[Callable[..., None]]:
    """Show progress on standard error, if a person looks there.

    What is given is called after each step, with the number of units that were done in it, to show their rate.
    """
    if hidden or not sys.stderr.isatty():
        yield lambda units=0: None
        return
    begun, done = time.monotonic(), 0

    def tick(units: int = 0) -> None:
        nonlocal done
        done += units
        bar.update(1, f"{done / max(1e-9, time.monotonic() - begun):,.0f} {unit}/s" if unit else None)

    with click.progressbar(
        length=steps, label=label, file=sys.stderr, show_pos=bool(unit), item_show_func=lambda rate: rate
    ) as bar:
        bar.render_progress()
        yield tick


def say(message: str) -> None:
    """Tell the person something, on standard error, each line marked as ours."""
    from classifier.text import safe  # most runs have nothing to say

    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)  # over a progress bar, which is drawn again
    for line in safe(message).splitlines():
        click.echo(f"clauses: {line}", err=True)
