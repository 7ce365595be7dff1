"""`clauses import` and `clauses evaluate` in processes of their own."""

import json
from pathlib import Path

import joblib
import pytest
from click.testing import CliRunner

from classifier.cli.export import export
from classifier.errors import WriteError
from tests.conftest import ROOT, Run
from tests.test_cli import fails

pytestmark = pytest.mark.slow

STAND_IN = ROOT / "tests/corpora/opp115"
VALUES = ROOT / "tests/corpora/values.jsonl"


@pytest.fixture
def ten(run: Run, tmp_path: Path) -> Path:
    done = run("import", "opp115", STAND_IN, "-o", tmp_path / "ten.jsonl", "--taxonomy", "opp115")
    assert done.returncode == 0, done.stderr
    assert b"261 rows of 14 policies. OPP-115 is for research: do not publish or commit it" in done.stderr
    return tmp_path / "ten.jsonl"


def test_import_then_evaluate_give_one_table_twice(run: Run, ten: Path, tmp_path: Path) -> None:
    first, second = (run("evaluate", "--cv", ten, "--taxonomy", "opp115", "--no-curve") for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    assert first.stdout.startswith(b"261 rows of 14 policies (13 counting near-duplicates once); 5 folds by policy")
    guessed = run("evaluate", ten, "--no-texts", "--no-curve")
    assert b"note: the rows follow the taxonomy opp115" in guessed.stderr
    assert guessed.stdout.splitlines()[:12] == first.stdout.splitlines()[:12]


def test_categories_that_were_not_annotated_are_unknown_and_not_scored(run: Run, tmp_path: Path) -> None:
    done = run("import", "opp115", STAND_IN, "-o", tmp_path / "d.jsonl", "--gold", "union")
    assert b"not annotated in OPP-115, so unknown in every row: legal_basis" in done.stderr
    row = json.loads((tmp_path / "d.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert [id for id in row["unknown"] if "." not in id] == ["legal_basis"]
    assert len(row["annotations"]) == 3
    scored = run("evaluate", "--model", "default", "--data", tmp_path / "d.jsonl", "-f", "json")
    report = json.loads(scored.stdout)
    assert report["figures"][12]["f1"] == [None, None, None]
    assert b"note: nobody annotated legal_basis: not scored" in scored.stderr
    trained = run("train", tmp_path / "d.jsonl", "-o", tmp_path / "mine")
    assert b"too few examples to learn, never given: legal_basis (0)" in trained.stderr


@pytest.mark.parametrize("suffix", ["json", "html", "csv"])
def test_the_output_has_the_format_of_its_name(suffix: str, run: Run, ten: Path, tmp_path: Path) -> None:
    output = tmp_path / f"out/report.{suffix}"
    assert run("evaluate", ten, "--no-curve", "-o", output).returncode == 0
    start = output.read_text(encoding="utf-8")[:9]
    assert start.startswith({"json": '{"schema_', "html": "<!DOCTYPE", "csv": "category,"}[suffix])


def test_two_reports_are_compared(run: Run, ten: Path, tmp_path: Path) -> None:
    for folds in (3, 5):
        run("evaluate", ten, "--no-curve", "--folds", folds, "-o", tmp_path / f"{folds}.json")
    done = run("evaluate", "--compare", tmp_path / "3.json", tmp_path / "5.json")
    assert done.stdout.startswith(b"13 policies (near-duplicates count once); paired bootstrap over policies\n  A  ")
    assert json.loads(run("evaluate", "--compare", tmp_path / "3.json", tmp_path / "5.json", "-f", "json").stdout)
    fails(run("evaluate", "--compare", tmp_path / "3.json", ten), "is not JSON; give reports that")
    fails(run("evaluate", "--compare", tmp_path / "3.json", tmp_path / "5.json", ten), "no data", code=2)
    fails(run("evaluate", "--compare", tmp_path / "3.json", tmp_path / "5.json", "-f", "html"), "writes text", code=2)


def test_protocols_are_run_by_name(run: Run, ten: Path, tmp_path: Path) -> None:
    done = run("evaluate", ten, "--protocol", "grouped-5", "--gold", "union", "--presence-absence", "--no-curve")
    assert done.stdout.splitlines()[0].endswith(
        b"grouped-5: 10 categories, union of the annotators, 5 folds by policy, with rationales"
    )
    assert b"presence/absence F1" in done.stdout
    fails(run("evaluate", ten, "--protocol", "plue", "--taxonomy", "opp115"), "it needs the whole corpus")
    fails(run("evaluate", ten, "--protocol", "plue", "--gold", "majority"), "plue is scored by union", code=2)
    fails(run("evaluate", ten, "--protocol", "grouped-5", "--folds", "7"), "--folds is for --cv", code=2)
    fails(run("evaluate", ten, "--presence-absence", "-f", "csv"), "--presence-absence is for text", code=2)
    fails(run("evaluate", ten, "-o", ten), "is also an input; choose another output file")
    fails(run("evaluate", ten, "--gold", "union"), "--gold is for --protocol", code=2)
    fails(run("evaluate", ten, "--cv", "--model", "default"), "--cv and --model exclude each other", code=2)


@pytest.mark.parametrize(
    ("rows", "words", "message"),
    [
        pytest.param(['{"text": "a", "labels": ["cooking"]}'], [], "unknown category 'cooking' in labels", id="label"),
        pytest.param(['{"text": "", "labels": []}'], [], "text is empty", id="empty text"),
        pytest.param(
            ['{"text": "a", "labels": ["use"], "unknown": ["use"]}'], [], "cannot be both label and unknown", id="both"
        ),
        pytest.param(
            ['{"text": "a", "labels": [], "unknown": ["x"]}'], [], "unknown category 'x' in unknown", id="unknown"
        ),
        pytest.param(
            ['{"text": "a", "labels": [], "annotations": "use"}'], [], "annotations must be a list", id="kind"
        ),
        pytest.param(
            ['{"text": "a", "labels": [], "annotations": [["x"]]}'], [], "'x' in annotations[0]", id="annotation"
        ),
        pytest.param(['{"text": "a b", "labels": ["use"]}'], [], "too few to learn from", id="one row"),
        pytest.param(['{"text": "a b", "labels": []}'] * 9, [], "there is nothing to learn", id="no label"),
        pytest.param(['{"text": "a", "labels": ["use"]}'], ["-m", "nowhere"], "nowhere", id="no model"),
        pytest.param(
            ['{"text": "a", "labels": ["use"]}'],
            ["--taxonomy", "no.toml"],
            "there are default, opp115, opp115-12",
            id="no taxonomy",
        ),
    ],
)
def test_rows_that_cannot_be_scored_are_refused(
    rows: list[str], words: list[str], message: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "rows.jsonl").write_text("\n".join(rows), encoding="utf-8")
    fails(run("evaluate", tmp_path / "rows.jsonl", *words), message)


def test_ids_may_not_be_used_twice_across_files(run: Run, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text('{"id": "1", "text": "a", "labels": []}\n', encoding="utf-8")
    fails(run("evaluate", tmp_path / "a.jsonl", "--data", tmp_path / "b.jsonl"), "the id '1' was already given at")


def test_one_policy_is_scored_with_a_note(run: Run, tmp_path: Path) -> None:
    rows = [
        {"policy": "p", "text": f"{text} {number}", "labels": labels}
        for number in range(8)
        for text, labels in (("we keep data", ["retention"]), ("we set cookies", ["cookies"]), ("welcome here", []))
    ]
    (tmp_path / "one.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run("evaluate", tmp_path / "one.jsonl")
    assert done.returncode == 0, done.stderr
    assert b"all rows are of one policy, so folds are by row and the figures flatter" in done.stdout


def test_no_text_of_a_corpus_goes_into_the_package(run: Run, tmp_path: Path) -> None:
    inside = ROOT / "classifier/datasets/opp115.jsonl"
    fails(run("import", "opp115", STAND_IN, "-o", inside), "is inside the package")
    assert not inside.exists()
    fails(run("import", "opp115", tmp_path, "-o", tmp_path / "x.jsonl"), "annotations: cannot be read")
    assert not (tmp_path / "x.jsonl").exists()


def test_rows_of_another_taxonomy_are_learned_from_beside(run: Run, ten: Path, tmp_path: Path) -> None:
    also = ROOT / "data/clauses/seeds.jsonl"
    done = run("evaluate", ten, "--no-curve", "--fast", "--also", also, "-f", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["rows"] == 261  # no more are scored than without
    assert (
        report["how"]
        == "neighboring words only, 5 folds by policy, with rationales, learning from 332 rows from elsewhere too"
    )
    own = run("evaluate", also, "--also", also, "--no-curve", "--fast")
    assert b"not learned from, since they are scored too: cloudmed.com.txt, connectsolutions.com-2016.md" in own.stdout
    trained = run("train", ten, "--also", also, "--fast", "-o", tmp_path / "mine", "--taxonomy", "opp115")
    assert trained.returncode == 0, trained.stderr
    card = (tmp_path / "mine/README.md").read_text(encoding="utf-8")
    assert "from 332 rows of 5 policies from elsewhere" in card
    assert b"--also is for --cv, not for --model" in run("evaluate", ten, "--also", also, "--model", "default").stderr


def test_default_names_the_bundled_model_in_export(tmp_path: Path) -> None:
    output = tmp_path / "model.joblib"
    done = CliRunner().invoke(export, ["default", "-o", str(output)], standalone_mode=False)
    assert done.exception is None
    assert f"wrote {output}. Loading a joblib file can run any code" in done.stderr
    pipeline = joblib.load(output)
    assert pipeline.predict(["We use cookies."]).shape == (1, 15)
    inside = ROOT / "models/default/model.joblib"
    with pytest.raises(WriteError, match="is in the model folder that is read"):
        export.main(["default", "-o", str(inside)], standalone_mode=False)
    assert not inside.exists()


def test_rows_and_taxonomy_read_by_default_are_not_overwritten(run: Run, labelled: Path, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    (place / "data/clauses").mkdir(parents=True)
    rows, taxonomy = place / "data/clauses/rows.jsonl", place / "data/taxonomy.toml"
    rows.write_bytes((labelled / "rows.jsonl").read_bytes())
    taxonomy.write_bytes((ROOT / "data/taxonomy.toml").read_bytes())
    message = "is also an input; choose another output file"
    fails(run("evaluate", "--also", labelled, "-o", "data/clauses/rows.jsonl", "-f", "csv"), message)
    (place / "data/policies/labels").mkdir(parents=True)
    labels = place / "data/policies/labels/acorn.md.jsonl"
    labels.write_text("")
    fails(run("evaluate", "--also", labelled, "-o", "data/policies/labels/acorn.md.jsonl", "-f", "csv"), message)
    fails(
        run("import", "opp115", ROOT / "tests/corpora/opp115", "--taxonomy", "default", "-o", "data/taxonomy.toml"),
        message,
    )
    assert rows.read_bytes() == (labelled / "rows.jsonl").read_bytes()


def test_an_output_without_a_known_suffix_is_refused(run: Run, labelled: Path) -> None:
    fails(run("evaluate", labelled, "-o", "r.htm"), "r.htm: no format has the suffix .htm; use one of .txt, ", code=2)


def test_values_are_scored_with_a_note_on_what_the_model_knows(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "values.json"
    done = run("evaluate", VALUES, "--values", "--model", "default", "-o", str(report))
    assert done.returncode == 0, done.stderr
    content = json.loads(report.read_text())
    assert set(content) == {"given", "end_to_end", "keywords"}
    assert content["given"]["micro_f1"] > content["keywords"]["micro_f1"]
    shown = run("evaluate", VALUES, "--values", "--model", "default")
    assert b"with the categories given: macro-F1" in shown.stdout
    table = run("evaluate", VALUES, "--values", "--model", "default", "--format", "csv")
    assert table.stdout.startswith(b"categories,value,support")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--values", "--protocol", "plue"], "--values is for --cv and --model"),
        (["--values", "-o", "report.html"], "--values is for --cv and --model"),
    ],
)
def test_values_have_no_protocols_and_pages(words: list[str], message: str, run: Run, tmp_path: Path) -> None:
    done = run("evaluate", VALUES, *words)
    assert done.returncode == 2
    assert message in done.stderr.decode()


def test_rows_without_values_cannot_be_scored_for_them(run: Run, tmp_path: Path) -> None:
    done = run("evaluate", ROOT / "data/clauses/seeds.jsonl", "--values", "--model", "default")
    assert done.returncode == 1
    assert b"no row has values of attributes" in done.stderr


def test_values_are_cross_validated(run: Run, tmp_path: Path) -> None:
    done = run("evaluate", VALUES, "--values", "--folds", "2", "--fast")
    assert done.returncode == 0, done.stderr
    assert b"from end to end" in done.stdout
