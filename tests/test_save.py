"""A model folder holds one complete model at any time, even if a process that saves another one is killed."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier import ModelError, TaxonomyError, WriteError, taxonomy
from classifier.model import persistence as model
from tests.conftest import ROOT
from tests.tiny import CARD, is_consistent, tiny


def script(code: str, *words: object) -> list[str]:
    # other processes see a file before it is on the disk, and waiting for the disk is most of the time
    begin = "import errno, os, sys; from pathlib import Path; from classifier import WriteError; from classifier.model import persistence as model; from tests.tiny import *; os.fsync = lambda handle: None"
    return [sys.executable, "-c", f"{begin}\n{code}", *map(str, words)]


DIE_AT_EACH_STEP = """
def run(step, how, folder):
    steps = 0
    def hook(event, arguments):
        nonlocal steps
        names = ("open", "os.rename", "os.remove", "os.chmod", "os.mkdir")
        if event in names and str(arguments[0]).startswith(str(folder)):
            steps += 1
            if steps == step and how == "killed":
                os._exit(9)
            if steps == step:
                raise OSError(errno.ENOSPC, "No space left on device")
    sys.addaudithook(hook)
    try:
        model.save_model(tiny("second", 2), folder, CARD.format("second"))
    except WriteError as error:
        os._exit(3 if "No space left" in str(error) else 4)
    os._exit(0 if steps < step else 2)

top, how = Path(sys.argv[1]), sys.argv[2]
for step in range(1, 60):
    folder = top / str(step)
    model.save_model(tiny("first", 1), folder, CARD.format("first"))
    child = os.fork()
    if not child:
        run(step, how, folder)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(step, code)
    if code == 0:
        break
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("how", ["killed", "a full disk"])
def test_a_save_that_ends_at_any_step_leaves_one_complete_model(how: str, tmp_path: Path) -> None:
    done = subprocess.run(
        script(DIE_AT_EACH_STEP, tmp_path, how), cwd=ROOT, capture_output=True, check=True, timeout=100, text=True
    )
    steps = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert len(steps) > 8
    assert steps[-1][1] == 0
    allowed = {9} if how == "killed" else {2, 3}
    assert {code for _, code in steps[:-1]} <= allowed
    names = []
    for step, code in steps:
        found = model.load_model(tmp_path / str(step))
        assert is_consistent(found)
        names.append(found.name)
        if code == 2:  # a failure after the new model is in place is no error
            assert found.name == "second"
        model.save_model(tiny("first", 1), tmp_path / str(step), CARD.format("first"))  # removes leftovers
        assert len(list((tmp_path / str(step)).iterdir())) == 3
        assert is_consistent(model.load_model(tmp_path / str(step)))
    if how == "killed":  # early steps leave the old model, later ones the new; some failures do no harm
        assert names == sorted(names)
    assert set(names) == {"first", "second"}


SAVE_AGAIN_AND_AGAIN = """
folder, times = Path(sys.argv[1]), int(sys.argv[2])
for number in range(times):
    model.save_model(tiny("second", 2) if number % 2 else tiny("first", 1), folder, CARD.format(number))
"""


@pytest.mark.slow
def test_a_reader_during_saves_gets_one_model_or_the_other(tmp_path: Path) -> None:
    model.save_model(tiny("first", 1), tmp_path)
    seen = []
    with subprocess.Popen(script(SAVE_AGAIN_AND_AGAIN, tmp_path, 200), cwd=ROOT) as writer:
        while writer.poll() is None:
            found = model.load_model(tmp_path)
            assert is_consistent(found)
            seen.append(found.name)
    assert writer.returncode == 0
    assert sum(a != b for a, b in zip(seen, seen[1:], strict=False)) > 5


def test_two_concurrent_saves_leave_one_complete_model(tmp_path: Path) -> None:
    writers = [subprocess.Popen(script(SAVE_AGAIN_AND_AGAIN, tmp_path, times), cwd=ROOT) for times in (40, 41)]
    assert [writer.wait(timeout=100) for writer in writers] == [0, 0]
    assert is_consistent(model.load_model(tmp_path))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[:2] == ["README.md", "model.json"]
    assert len(names) == 3


def test_a_save_waits_for_a_locked_folder_and_then_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(model, "MAX_LOCK_SECONDS", 0.1)
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(WriteError, match="cannot be written: another program is saving a model there"):
        model.save_model(tiny("first", 1), tmp_path)
    os.close(handle)
    assert is_consistent(model.save_model(tiny("first", 1), tmp_path))


def test_a_folder_of_the_first_layout_is_read_and_replaced(tmp_path: Path) -> None:
    model.save_model(tiny("first", 1), tmp_path)
    (weights,) = tmp_path.glob("weights-*")
    about = json.loads((tmp_path / "model.json").read_text())
    weights.rename(tmp_path / "weights.safetensors")
    about["weights"]["file"] = "weights.safetensors"
    (tmp_path / "model.json").write_text(json.dumps(about))
    assert is_consistent(model.load_model(tmp_path))
    model.save_model(tiny("second", 2), tmp_path)
    assert is_consistent(model.load_model(tmp_path))
    assert not (tmp_path / "weights.safetensors").exists()


def test_foreign_files_and_weights_with_other_names_stay(tmp_path: Path) -> None:
    for name in ("notes.txt", "weights.txt", "weights-mine.safetensors", ".model.json", ".hidden.abcdefgh"):
        (tmp_path / name).write_text("mine")
    for name in (".model.json.abcdefgh", ".weights.safetensors.a_cdefgh", "weights-0123456789abcdef.safetensors"):
        (tmp_path / name).write_text("left over")
    model.save_model(tiny("first", 1), tmp_path)
    assert {path.name for path in tmp_path.iterdir() if path.read_bytes()[:4] == b"mine"} == {
        *("notes.txt", "weights.txt", "weights-mine.safetensors", ".model.json", ".hidden.abcdefgh")
    }
    assert not [path for path in tmp_path.iterdir() if path.read_bytes() == b"left over"]


def test_weights_that_are_saved_again_are_kept(tmp_path: Path) -> None:
    first = model.save_model(tiny("first", 1), tmp_path)
    assert model.save_model(tiny("first", 1), tmp_path).checksum == first.checksum
    assert is_consistent(model.load_model(tmp_path))
    assert len(list(tmp_path.iterdir())) == 2


def test_weights_may_be_a_link_since_their_checksum_is_known(tmp_path: Path) -> None:
    model.save_model(tiny("first", 1), tmp_path / "model")
    (weights,) = (tmp_path / "model").glob("weights-*")
    weights.rename(tmp_path / "blob")
    weights.symlink_to(tmp_path / "blob")
    assert is_consistent(model.load_model(tmp_path / "model"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"name": "a\nb"}, "name must be a name of 1 to 300 characters", id="line end"),
        pytest.param({"name": "\u202e"}, "name must be a name of 1 to 300 characters", id="direction"),
        pytest.param({"training": {"rows": -1}}, "training.rows must be a whole number", id="rows"),
        pytest.param({"training": {"x": float("nan")}}, "cannot be written as JSON", id="NaN"),
        pytest.param({"training": {"x": object()}}, "cannot be written as JSON", id="object"),
        pytest.param({"thresholds": np.array([0.5, 1.5])}, "thresholds.never must be a number between", id="threshold"),
        pytest.param({"idf": np.array([0, 1], dtype=np.float32)}, "idf must be above 0", id="idf"),
    ],
)
def test_a_model_that_could_not_be_loaded_is_not_saved(change: dict[str, object], message: str, tmp_path: Path) -> None:
    sound = tiny("first", 1)
    model.save_model(sound, tmp_path)
    wrong = replace(sound, **change)  # type: ignore[arg-type]
    with pytest.raises(WriteError, match=message):
        model.save_model(wrong, tmp_path)
    assert is_consistent(model.load_model(tmp_path))


def irregular(path: Path, kind: str) -> None:
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    else:
        with path.open("wb") as file:
            file.truncate(2**40)  # takes no room


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "socket", "larger than"])
@pytest.mark.parametrize("name", ["model.json", "weights"])
def test_files_of_a_model_must_be_regular_and_not_too_large(
    name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    model.save_model(tiny("first", 1), "m")
    monkeypatch.setattr(model, "MAX_WEIGHTS_BYTES", 10**6)
    (path,) = Path("m").glob(f"{name}*")
    irregular(path, kind)
    with pytest.raises(ModelError, match=f"{path.name}: the model cannot be read: .*{kind}.*; name a folder"):
        model.load_model("m")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "socket", "larger than"])
def test_a_taxonomy_must_be_a_regular_file(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    irregular(Path("mine.toml"), kind)
    with pytest.raises(TaxonomyError, match=f"mine.toml: the taxonomy cannot be read: .*{kind}"):
        taxonomy.load_taxonomy("mine.toml")
