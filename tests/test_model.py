import gc
import json
import pickle
import shutil
import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import classifier.io
from classifier import ModelError, WriteError
from classifier.model import persistence, scorer
from classifier.model.model import Model
from classifier.model.ngrams import first_skipgram_code
from classifier.model.persistence import DESCRIPTION, load_model, save_model
from tests.conftest import ROOT
from tests.tiny import tiny

DEFAULT = ROOT / "models/default"
WEIGHTS = next(DEFAULT.glob("weights-*")).name


def weights_file(folder: Path) -> Path:
    return folder / json.loads((folder / DESCRIPTION).read_bytes())["weights"]["file"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT, tmp_path / "model"))


def test_a_loaded_model_equals_the_saved_one(folder: Path, tmp_path: Path) -> None:
    first = load_model(folder)
    saved = save_model(first, tmp_path / "again")
    second = load_model(tmp_path / "again")
    assert saved.checksum == second.checksum
    assert (second.terms, second.taxonomy, second.training) == (first.terms, first.taxonomy, first.training)
    for name in ("codes", "idf", "weights", "intercept", "thresholds"):
        assert (getattr(second, name) == getattr(first, name)).all()


def test_the_same_model_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_model(load_model(folder), tmp_path / name)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert len(one) == 2


def test_the_arrays_of_a_model_are_read_only(folder: Path) -> None:
    import copy

    model = load_model(folder)
    for other in (model, copy.deepcopy(model), pickle.loads(pickle.dumps(model)), tiny("first", 1)):  # noqa: S301
        for name in ("codes", "idf", "weights", "intercept", "thresholds"):
            assert not getattr(other, name).flags.writeable
            with pytest.raises(ValueError, match="read-only"):
                getattr(other, name)[0] = 5


def test_a_used_model_is_pickled_without_its_scorer(folder: Path) -> None:
    model = load_model(folder)
    before = pickle.dumps(model)
    scorer.log_odds(["We use cookies."], model)
    assert pickle.dumps(model) == before
    assert set(vars(model)) == set(Model.__dataclass_fields__)


def test_a_scorer_is_freed_with_its_model() -> None:
    model = tiny("first", 1)
    shared = weakref.ref(scorer.scorer_of(model))
    assert scorer.scorer_of(model) is shared()
    del model
    gc.collect()
    assert shared() is None


def test_a_model_is_shown_in_one_line(folder: Path) -> None:
    model = load_model(folder)
    assert repr(model) == f"<Model 'default' {model.checksum[:12]}: {len(model.codes):,} terms, 15 categories>"
    assert repr(tiny("first", 1)) == "<Model 'first' unsaved: 2 terms, 2 categories>"


def test_a_system_without_fcntl_can_import_and_saves_without_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import sys; sys.modules['fcntl'] = None; import classifier.model.persistence"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
    monkeypatch.setattr(classifier.io, "fcntl", None)
    with persistence._locked(tmp_path) as has_lock:
        pass
    assert not has_lock


def truncate(folder: Path) -> None:
    path = weights_file(folder)
    path.write_bytes(path.read_bytes()[:-100])


def flip(folder: Path) -> None:
    data = bytearray(weights_file(folder).read_bytes())
    data[len(data) // 2] ^= 1
    weights_file(folder).write_bytes(data)


def edit(**changes: object) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        about = json.loads((folder / DESCRIPTION).read_bytes())
        (folder / DESCRIPTION).write_text(json.dumps({**about, **changes}), encoding="utf-8")

    return do


def swap(data: bytes) -> Callable[[Path], None]:
    """Replace the weights, and state their checksum."""

    def do(folder: Path) -> None:
        import hashlib

        (folder / "weights.safetensors").write_bytes(data)
        edit(weights={"file": "weights.safetensors", "sha256": hashlib.sha256(data).hexdigest()})(folder)

    return do


def packed(**changes: object) -> bytes:
    """Return the default model's weights with changes in their header."""
    data = weights_file(DEFAULT).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = {**json.loads(data[8 : 8 + length]), **changes}
    head = json.dumps({name: entry for name, entry in header.items() if entry is not None}).encode()
    return len(head).to_bytes(8, "little") + head + data[8 + length :]


def array(name: str, dtype: str | None = None, shape: list[object] | None = None, move: int = 0) -> dict[str, object]:
    """Return the changed entry of an array in the header."""
    data = weights_file(DEFAULT).read_bytes()
    entry = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])[name]
    begin, end = entry["data_offsets"]
    return {
        "dtype": dtype or entry["dtype"],
        "shape": entry["shape"] if shape is None else shape,
        "data_offsets": [begin + move, end + move],
    }


def with_values(name: str, dtype: str, change: Callable[[np.ndarray], object]) -> bytes:
    """Return the default model's weights with other numbers in an array."""
    data = bytearray(packed())
    start = 8 + int.from_bytes(data[:8], "little")
    begin, end = json.loads(data[8:start])[name]["data_offsets"]
    values = np.frombuffer(bytes(data[start + begin : start + end]), dtype=dtype).copy()
    change(values)
    data[start + begin : start + end] = values.tobytes()
    return bytes(data)


def with_codes(change: Callable[[np.ndarray], object]) -> bytes:
    return with_values("codes", "<i8", change)


N = len(load_model(DEFAULT).stems) + 1


def unknown(codes: np.ndarray) -> None:
    codes[(codes < N).sum() - 1] = N - 1


def skipgram_reversed(codes: np.ndarray) -> None:
    codes[-1] = first_skipgram_code(N) + 5 * N + 4


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("code ran",)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(
            lambda f: weights_file(f).unlink(),
            f"{WEIGHTS}: the model cannot be read: No such file",
            id="no weights",
        ),
        pytest.param(
            lambda f: (f / DESCRIPTION).unlink(), "model.json: the model cannot be read: No such", id="no json"
        ),
        pytest.param(truncate, f"{WEIGHTS}: is damaged or belongs to another model", id="truncated"),
        pytest.param(flip, f"{WEIGHTS}: is damaged or belongs to another model", id="one bit"),
        pytest.param(
            lambda f: (f / DESCRIPTION).write_text("{"),
            "model.json: is damaged: not valid JSON",
            id="broken json",
        ),
        pytest.param(
            lambda f: (f / DESCRIPTION).write_text("[]"),
            "model.json: is not a policy-clauses model",
            id="other json",
        ),
        pytest.param(edit(format="x"), "model.json: is not a policy-clauses model", id="foreign"),
        pytest.param(edit(format_version=99), "has format version 99, but this release reads 1", id="newer"),
        pytest.param(edit(weights=None), "model.json: weights must be an object, not None", id="no checksum"),
        pytest.param(edit(categories=[{"id": "x"}]), "categories[0]: the category lacks 'title'", id="bad category"),
        pytest.param(
            edit(categories=[5]),
            "model.json: categories must be a list of objects, not [5]",
            id="category of another kind",
        ),
        pytest.param(
            edit(thresholds=dict.fromkeys(load_model(DEFAULT).taxonomy.ids, 7)),
            "model.json: thresholds.collection must be a number between 0 and 1, not 7",
            id="threshold 7",
        ),
        pytest.param(edit(thresholds={}), "model.json: thresholds.collection is missing", id="no thresholds"),
        pytest.param(
            edit(window=99), "model.json: window must be a whole number between 0 and 50, not 99", id="window"
        ),
        pytest.param(
            edit(window=2.5), "model.json: window must be a whole number between 0 and 50, not 2.5", id="half a window"
        ),
        pytest.param(edit(name="\ud800"), "model.json: is damaged: not valid JSON", id="half a character"),
        pytest.param(
            edit(thresholds=dict.fromkeys(load_model(DEFAULT).taxonomy.ids, 10**400)),
            "is not a finite number",
            id="a threshold beyond all numbers",
        ),
        pytest.param(
            swap(len(b"x" * 200_000).to_bytes(8, "little") + b"[" * 200_000), "header has more than", id="header"
        ),
        pytest.param(swap(b""), "weights.safetensors: is damaged", id="empty"),
        pytest.param(swap(b"no arrays"), "weights.safetensors: is damaged", id="no arrays"),
        pytest.param(swap(b"\2" + bytes(7) + b"[]"), "weights.safetensors: is damaged", id="another header"),
        pytest.param(swap(b"\xff" * 16), "weights.safetensors: is damaged", id="endless header"),
        pytest.param(swap(pickle.dumps(Evil())), "weights.safetensors: is damaged", id="pickle"),
        pytest.param(swap(packed(stems=None)), "weights.safetensors: is damaged", id="array missing"),
        pytest.param(swap(packed(idf=5)), "weights.safetensors: is damaged", id="array of another kind"),
        pytest.param(swap(packed(idf=array("idf", dtype="F64"))), "idf must be of type F32", id="kind"),
        pytest.param(swap(packed(idf=array("idf", shape=[2.5]))), "idf must be of type F32", id="broken shape"),
        pytest.param(swap(packed(idf=array("idf", shape=[7]))), "the length of idf does not fit", id="length"),
        pytest.param(swap(packed(idf=array("idf", move=10**9))), "idf lies outside the file", id="outside"),
        pytest.param(swap(packed(idf=array("idf", move=-(10**9)))), "idf lies outside the file", id="before"),
        pytest.param(swap(with_values("idf", "<f4", lambda idf: idf.put(3, np.nan))), "idf must be", id="no number"),
        pytest.param(
            swap(with_values("stems", "u1", lambda stems: stems.put(0, 255))), "are not UTF-8", id="not UTF-8"
        ),
        pytest.param(
            swap(with_values("stems", "u1", lambda stems: stems.put([0, 1, 2, 3], 10))),
            "distinct words, sorted",
            id="twice",
        ),
        pytest.param(swap(packed(weights=array("intercept", shape=[1, 15]))), "weights must be", id="wrong shape"),
        pytest.param(
            swap(packed(stems={"dtype": "U8", "shape": [4], "data_offsets": [0, 4]})),
            "must be of known stems",
            id="stems",
        ),
        pytest.param(swap(with_values("idf", "<f4", lambda idf: idf.put(3, 0))), "idf must be above 0", id="idf 0"),
        pytest.param(swap(with_values("weights", "<f4", lambda w: w.put(3, 3e38))), "numbers below", id="weight"),
        pytest.param(
            swap(with_values("stems", "u1", lambda stems: stems.put(0, 32))), "distinct words, sorted", id="blank"
        ),
        pytest.param(
            swap(with_values("stems", "u1", lambda stems: stems.put(0, 126))), "distinct words, sorted", id="tilde"
        ),
        pytest.param(swap(with_codes(unknown)), "must be of known stems", id="code of an unknown stem"),
        pytest.param(swap(with_codes(skipgram_reversed)), "the lower stem first", id="skip-gram reversed"),
        pytest.param(swap(with_codes(lambda codes: codes[::-1].sort())), "codes must ascend", id="codes descend"),
        pytest.param(swap(with_codes(lambda codes: codes.put(0, -5))), "codes must ascend", id="code below 0"),
        pytest.param(
            swap(with_codes(lambda codes: codes.put(-1, 2**62))), "must be of known stems", id="code too high"
        ),
    ],
)
def test_a_damaged_model_is_refused_in_one_sentence(
    damage: Callable[[Path], None], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(folder)
    with pytest.raises(ModelError) as error:
        load_model(folder)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert capsys.readouterr().out == ""


def test_a_failed_save_leaves_the_file_in_its_place(folder: Path, tmp_path: Path) -> None:
    fitted = load_model(folder)
    (tmp_path / "file").write_text("x")
    with pytest.raises(WriteError, match="cannot be written"):
        save_model(fitted, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "x"


def test_a_readme_of_a_folder_without_model_is_left_alone(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/README.md").write_text("My notes")
    with pytest.raises(WriteError, match="holds a README.md but no model"):
        save_model(load_model(folder), tmp_path / "mine", "card")
    assert (tmp_path / "mine/README.md").read_text() == "My notes"


def test_no_pickle_is_loaded_anywhere() -> None:
    for path in (ROOT / "classifier").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "allow_pickle=True" not in source
        assert "joblib.load" not in source
        assert "import pickle" not in source


def test_the_weights_can_be_read_by_the_package_safetensors() -> None:
    from safetensors.numpy import load_file

    theirs, ours = load_file(weights_file(DEFAULT)), load_model(DEFAULT)
    assert theirs["stems"].tobytes().decode().split("\n") == list(ours.stems)
    for name in ("codes", "idf", "weights", "intercept"):
        assert (theirs[name] == getattr(ours, name)).all()
