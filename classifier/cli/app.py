"""The command group and what all commands share: error handling, output, progress and messages.

Only this package writes to the terminal. Exit codes: 0 success; 1 some input or output could not be used (a policy, data, a
model, an output path) and the rest is done; 2 wrong command line; 130 interrupted; 141 the output pipe was closed early;
128 + n ended by signal n.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click

import classifier
from classifier.errors import ClassifierError, WriteError, folder_is_gone, is_lack_of_memory, reason, require_package

EXIT_FAILED, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 1, 130, 141
_DEBUG = "CLAUSES_DEBUG"
"""Environment variable that --debug sets, so that worker processes inherit it."""
MIN_LEARNING_BYTES = 750 * 2**20
"""Address space needed by commands that load scikit-learn. Measured: with 440 MiB OpenBLAS waits for memory forever."""
MIN_POOL_BYTES = 2**30
"""Least address space for several processes: each thread of the pool reserves up to 128 MiB."""
_MODEL_FILES = {"model.json", "README.md"}
"""Files of a model folder besides the weights."""
_MODULES = {
    "audit": "audit",
    "evaluate": "evaluate",
    "export": "export",
    "import": "import_opp115",
    "tag": "tag",
    "train": "train",
}
"""The commands, and the module of this package that each is in."""
_MAX_MESSAGE_CHARACTERS = 300
"""Characters shown of the message of an unexpected error."""
_NO_MEMORY = "not enough memory; close other programs, raise the limit (ulimit -v), or give fewer or smaller files"
_NO_PROCESS = "no more threads or processes can be started; close other programs or raise the limit (ulimit -u)"


class _Guarded(click.Command):
    """A command that ends cleanly: one sentence for an error, nothing for a closed pipe."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params.append(
            click.Option(
                ["--debug"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_set_debug,
                help="Show the tracebacks of errors.",
            )
        )

    def make_context(self, *args: Any, **settings: Any) -> click.Context:
        with _writing_stdout():  # help is written while the command line is read
            return super().make_context(*args, **settings)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **settings: Any,
    ) -> Any:
        """Run the command and end the process, as click does, with our own messages and exit codes."""
        if not standalone_mode:  # a program calls this, and handles errors itself
            return super().main(args, prog_name, complete_var, False, **settings)
        words = list(sys.argv[1:] if args is None else args)
        prog_name = prog_name or Path(sys.argv[0]).name
        try:
            _prepare_process()
            self._main_shell_completion(settings, prog_name, complete_var)
            with self.make_context(prog_name, words, **settings) as context:
                self.invoke(context)
            with _writing_stdout():
                sys.stdout.flush()
            code = 0
        except click.exceptions.Exit as end:
            code = end.exit_code
        except BaseException as error:
            code = _end(error)
        sys.exit(code)


def _set_debug(_context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        os.environ[_DEBUG] = "1"


def _prepare_process() -> None:
    """Set up streams, signals and threads."""
    with contextlib.suppress(OSError):  # or the next file opened would take the number of a closed stream
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(descriptor)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # for the life of the process
    if sys.stdout is None:
        raise WriteError("<stdout>: cannot be written: it is closed")
    with contextlib.suppress(ValueError):  # not in the main thread: a program calls this
        for number in filter(None, (signal.SIGTERM, getattr(signal, "SIGHUP", None))):  # no SIGHUP on Windows
            if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP on purpose
                signal.signal(number, _ended)  # so that temporary files are removed
    _limit_threads()


def _limit_threads() -> None:
    """Keep numpy from starting a thread per CPU where memory is limited: each reserves some."""
    if _memory_limit() is not None:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _memory_limit() -> int | None:
    """Return the limit of address space in bytes (ulimit -v), None if there is none."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    except (ImportError, OSError, ValueError):
        return None
    return None if limit == resource.RLIM_INFINITY else limit


def has_memory_for_processes() -> bool:
    """Return whether the memory limit leaves room for the threads of several processes."""
    limit = _memory_limit()
    return limit is None or limit >= MIN_POOL_BYTES


def require_memory() -> None:
    """Stop if scikit-learn is not installed, or memory is limited to less than it needs: it would crash or never end."""
    require_package("train, evaluate, audit and export", "train", "joblib", "scipy", "sklearn")
    limit = _memory_limit()
    if limit is not None and limit < MIN_LEARNING_BYTES:
        raise ClassifierError(
            f"not enough memory: it is limited to {limit // 2**20:,} MiB, and this command needs "
            f"{MIN_LEARNING_BYTES // 2**20:,} MiB at least; raise the limit (ulimit -v)"
        )


def _end(error: BaseException) -> int:
    """Report why a command ends, and return its exit code."""
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, KeyboardInterrupt | click.Abort):
        say("interrupted")
        return EXIT_INTERRUPTED
    if isinstance(error, click.ClickException):
        _show_usage(error)
        return error.exit_code
    if isinstance(error, BrokenPipeError) or isinstance(error.__cause__, BrokenPipeError):
        _discard(sys.stdout)
        return EXIT_BROKEN_PIPE
    if isinstance(error, _StdoutError):
        _discard(sys.stdout)
    if is_debugging():
        import traceback

        with contextlib.suppress(Exception):
            traceback.print_exception(error)
    if isinstance(error, ClassifierError):
        say(str(error))
        return EXIT_FAILED
    if is_lack_of_memory(error):
        _quit(_NO_MEMORY)
    if isinstance(error, BlockingIOError) or "start new thread" in str(error):
        say(_NO_PROCESS)
    elif isinstance(error, OSError) and not error.filename and folder_is_gone():
        say(reason(FileNotFoundError()))
    else:
        say(unexpected(error))
    return EXIT_FAILED


def unexpected(error: BaseException) -> str:
    """Return the sentence for an error that is a bug in policy-clauses."""
    message = " ".join(str(error).split())
    if len(message) > _MAX_MESSAGE_CHARACTERS:
        message = f"{message[:_MAX_MESSAGE_CHARACTERS]} ..."
    about = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return f"clauses has a bug: {about}; please report it with the output of --debug"


def _quit(message: str) -> NoReturn:
    """End the process at once: libraries that got no memory may crash while the interpreter shuts down."""
    say(message)
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    os._exit(EXIT_FAILED)


def _show_usage(error: click.ClickException) -> None:
    """Show a usage error of click, which may contain file names."""
    text = io.StringIO()
    error.show(file=text)
    with _keeping_stderr():
        click.echo(_safe(text.getvalue()), nl=False, err=True)


def _ended(number: int, _frame: object) -> None:
    sys.exit(128 + number)


class _Group(_Guarded, click.Group):
    command_class = _Guarded


class _Commands(_Group):
    """The group of all commands; the module of a command is loaded when the command is asked for."""

    group_class = _Group

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*_MODULES, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _MODULES:
            import_module(f"classifier.cli.{_MODULES[cmd_name]}")
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(classifier.__version__, prog_name="clauses")
def main() -> None:
    """Label every clause of a privacy policy by topic."""


def refuse_overwriting(output: str | Path | None, files: Iterable[str | Path], models: Iterable[Path] = ()) -> None:
    """Stop before the output replaces a file that the command reads.

    Parameters
    ----------
    output
        The output; None and "-" are standard output.
    files
        Files that the command reads; links to them count as the files.
    models
        Model folders that the command reads; no output may go into them.

    Raises
    ------
    WriteError
        If the output is one of them.
    """
    refuse_overwriting_any([output], files, models)


def refuse_overwriting_any(
    outputs: Iterable[str | Path | None], files: Iterable[str | Path], models: Iterable[Path] = ()
) -> None:
    """Stop before one of several outputs replaces a file that the command reads; see `refuse_overwriting`."""
    named = [output for output in outputs if output is not None and str(output) not in ("", "-")]
    if not named:
        return
    models = list(models)
    folders = set(map(_identity, models))
    inside = (file for model in models for file in files_in(model))
    read = {_identity(file): file for file in chain(inside, files)}
    for output in named:
        if Path(output).is_file() and (identity := _identity(output)) is not None and identity in read:
            raise WriteError(f"{read[identity]}: is also an input; choose another output file")
        for parent in Path(os.path.realpath(output)).parents:
            if (identity := _identity(parent)) is not None and identity in folders:
                raise WriteError(f"{output}: is in the model folder that is read; choose another output file")


def _identity(path: str | Path) -> tuple[int, int] | None:
    """Return device and number of a file, the same for all its names; None if it cannot be found."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def refuse_overwriting_model(folder: str | Path, files: Iterable[str | Path]) -> None:
    """Stop before the files of a model written to `folder` replace a file that is read, such as its notes.

    Raises
    ------
    WriteError
        If they would, or if `folder` is the name of a file.
    """
    if Path(os.path.realpath(folder)).is_file():
        raise WriteError(f"{folder}: cannot be written: it is a file; a model is a folder, name a new one")
    written = [path for path in files_in(folder) if path.name in _MODEL_FILES or path.suffix == ".safetensors"]
    files = list(files)
    for path in written:
        refuse_overwriting(path, files)


def format_by_suffix(output: str | None, formats: Mapping[str, str]) -> str:
    """Return the format of an output file by its suffix; `formats` maps suffixes, "" included, to names of formats."""
    suffix = Path(output or "").suffix.lower()
    if suffix not in formats:
        known = ", ".join(filter(None, formats))
        raise click.UsageError(f"{output}: no format has the suffix {suffix}; use one of {known}, or --format")
    return formats[suffix]


def files_in(folder: str | Path, suffix: str = "") -> list[Path]:
    """List the entries of a folder whose names end in `suffix`; empty if it is no folder or cannot be listed."""
    try:
        return [path for path in Path(folder).iterdir() if path.name.endswith(suffix)]
    except (OSError, ValueError):
        return []


class _StdoutError(WriteError):
    """Standard output cannot be written."""


@contextlib.contextmanager
def _writing_stdout() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _StdoutError(f"<stdout>: cannot be written: {reason(error)}") from error


def _discard(stream: TextIO) -> None:
    """Redirect a stream that cannot be written to nowhere, or Python complains when it flushes the stream at exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def write(
    pieces: Iterable[str] | Iterable[bytes], output: str | None, unless: Callable[[], bool] = lambda: False
) -> None:
    """Write text to standard output piece by piece, or to a file once all pieces are there, unless `unless` is true then."""
    if output not in (None, "-"):
        from classifier import io as files

        files.write_file(str(output), (piece.encode() if isinstance(piece, str) else piece for piece in pieces), unless)
        return
    if not sys.stdout.isatty() and hasattr(sys.stdout, "reconfigure"):  # data are UTF-8 in every locale
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    elif hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    for piece in pieces:  # an error while a piece is made is no error of standard output
        try:
            sys.stdout.write(str(piece))
        except OSError:
            with _writing_stdout():
                raise


def is_debugging() -> bool:
    """Return whether tracebacks are shown."""
    return os.environ.get(_DEBUG, "0") not in ("", "0")


def processors() -> int:
    """Count the CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def progress(steps: int, label: str, unit: str = "", hidden: bool = False) -> Iterator[Callable[..., None]]:
    """Show progress on standard error, if that is a terminal.

    Yields
    ------
    callable
        Call it after each step, with the number of units done in the step, whose rate is shown.
    """
    if hidden or sys.stderr is None or not sys.stderr.isatty():
        yield lambda units=0: None
        return
    begun, done = time.monotonic(), 0

    def on_progress(units: int = 0) -> None:
        nonlocal done
        done += units
        bar.update(1, f"{done / max(1e-9, time.monotonic() - begun):,.0f} {unit}/s" if unit else None)

    with click.progressbar(
        length=steps, label=label, file=sys.stderr, show_pos=bool(unit), item_show_func=lambda rate: rate
    ) as bar:
        bar.render_progress()
        yield on_progress


def say(message: str) -> None:
    """Print a message on standard error, each line after "clauses: "; nothing if standard error is closed."""
    if sys.stderr is None:
        return
    with _keeping_stderr():
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)  # clear the progress bar, which is redrawn
        for line in _safe(message).splitlines():
            click.echo(f"clauses: {line}", err=True)


@contextlib.contextmanager
def _keeping_stderr() -> Iterator[None]:
    """Ignore that standard error cannot be written: a lost message is no reason to fail."""
    try:
        yield
    except (OSError, ValueError):
        _discard(sys.stderr)


def _safe(text: str) -> str:
    try:
        from classifier.text.escaping import escape_controls  # loaded late: most runs print no message
    except (ImportError, MemoryError):  # memory is short, and the message says so
        return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)
    return escape_controls(text)
