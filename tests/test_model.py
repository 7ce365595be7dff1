import io
import json
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from classifier import ModelError, WriteError, model
from tests.conftest import ROOT

DEFAULT = ROOT / "models/default"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT, tmp_path / "model"))


def test_a_model_comes_back_as_it_was_saved(folder: Path, tmp_path: Path) -> None:
    first = model.load(folder)
    saved = model.save(first, tmp_path / "again")
    second = model.load(tmp_path / "again")
    assert saved.checksum == second.checksum
    assert (second.terms, second.taxonomy, second.training) == (first.terms, first.taxonomy, first.training)
    for name in ("idf", "weights", "intercept", "thresholds"):
        assert (getattr(second, name) == getattr(first, name)).all()


def test_the_same_model_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        model.save(model.load(folder), tmp_path / name)
    for file in (model.DESCRIPTION, model.WEIGHTS):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def truncate(folder: Path) -> None:
    path = folder / model.WEIGHTS
    path.write_bytes(path.read_bytes()[:-100])


def flip(folder: Path) -> None:
    data = bytearray((folder / model.WEIGHTS).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / model.WEIGHTS).write_bytes(data)


def edit(**changes: object) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        about = json.loads((folder / model.DESCRIPTION).read_bytes())
        (folder / model.DESCRIPTION).write_text(json.dumps({**about, **changes}), encoding="utf-8")

    return do


def swap(data: bytes) -> Callable[[Path], None]:
    """Put other weights in, with the checksum that fits them."""

    def do(folder: Path) -> None:
        import hashlib

        (folder / model.WEIGHTS).write_bytes(data)
        edit(weights={"file": model.WEIGHTS, "sha256": hashlib.sha256(data).hexdigest()})(folder)

    return do


def packed(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def bomb() -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("terms.npy", "w", force_zip64=True) as entry,
    ):
        for _ in range(600):
            entry.write(bytes(2**20))
    return buffer.getvalue()


def deflated_wrongly() -> bytes:
    data = bytearray(packed(terms=np.arange(9999, dtype=np.uint8)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("terms.npy", bytes(data))
    broken = bytearray(buffer.getvalue())
    broken[60:90] = b"\xff" * 30
    return bytes(broken)


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("code ran",)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(
            lambda f: (f / model.WEIGHTS).unlink(),
            "weights.npz: no model can be read there: No such file",
            id="no weights",
        ),
        pytest.param(
            lambda f: (f / model.DESCRIPTION).unlink(), "model.json: no model can be read there: No such", id="no json"
        ),
        pytest.param(truncate, "weights.npz: is damaged or belongs to another model", id="truncated"),
        pytest.param(flip, "weights.npz: is damaged or belongs to another model", id="one bit"),
        pytest.param(
            lambda f: (f / model.DESCRIPTION).write_text("{"),
            "model.json: is damaged: not valid JSON",
            id="broken json",
        ),
        pytest.param(
            lambda f: (f / model.DESCRIPTION).write_text("[]"),
            "model.json: is not a policy-clauses model",
            id="other json",
        ),
        pytest.param(edit(format="x"), "model.json: is not a policy-clauses model", id="foreign"),
        pytest.param(edit(format_version=99), "has format version 99, but this release reads 1", id="newer"),
        pytest.param(edit(weights=None), "model.json: is damaged: it lacks", id="no checksum"),
        pytest.param(edit(categories=[{"id": "x"}]), "model.json: does not describe a model", id="bad category"),
        pytest.param(edit(categories=[5]), "model.json: does not describe a model", id="category of another kind"),
        pytest.param(
            edit(thresholds=dict.fromkeys(model.load(DEFAULT).taxonomy.ids, 7)),
            "thresholds must be between",
            id="threshold 7",
        ),
        pytest.param(swap(deflated_wrongly()), "weights.npz: is damaged", id="bad stream"),
        pytest.param(edit(thresholds={}), "model.json: does not describe a model", id="no thresholds"),
        pytest.param(swap(b"no archive"), "weights.npz: is damaged", id="no archive"),
        pytest.param(swap(packed(terms=np.zeros(1, np.uint8))), "weights.npz: is damaged", id="array missing"),
        pytest.param(
            swap(packed(terms=np.array([Evil()], dtype=object))), "weights.npz: is damaged", id="pickle inside"
        ),
        pytest.param(swap(pickle.dumps(Evil())), "weights.npz: is damaged", id="pickle"),
        pytest.param(swap(bomb()), "weights.npz: unpacks to more than 512 MiB", id="bomb"),
        pytest.param(
            swap(
                packed(
                    terms=np.frombuffer(b"a", np.uint8), idf=np.ones(2), weights=np.ones((1, 15)), intercept=np.ones(15)
                )
            ),
            "weights.npz: idf should be",
            id="wrong shape",
        ),
    ],
)
def test_what_is_no_sound_model_is_refused_in_one_sentence(
    damage: Callable[[Path], None], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(folder)
    with pytest.raises(ModelError) as error:
        model.load(folder)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert capsys.readouterr().out == ""


def test_a_model_that_cannot_be_written_leaves_the_old_one(folder: Path, tmp_path: Path) -> None:
    fitted = model.load(folder)
    (tmp_path / "file").write_text("x")
    with pytest.raises(WriteError, match="cannot be written"):
        model.save(fitted, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "x"


def test_a_readme_that_is_no_card_is_left_alone(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/README.md").write_text("My notes")
    with pytest.raises(WriteError, match="holds a README.md but no model"):
        model.save(model.load(folder), tmp_path / "mine", "card")
    assert (tmp_path / "mine/README.md").read_text() == "My notes"


def test_no_pickle_is_loaded_anywhere() -> None:
    for path in (ROOT / "classifier").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "allow_pickle=True" not in source
        assert "joblib.load" not in source
        assert "import pickle" not in source
