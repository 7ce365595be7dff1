from collections.abc import Iterator

import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

from classifier import Tagger, resources, taxonomy  # noqa: E402
from classifier.datasets import opp115  # noqa: E402
from classifier.evaluation import evaluate  # noqa: E402
from classifier.evaluation.report import Report  # noqa: E402
from classifier.render import plots  # noqa: E402
from tests.conftest import ROOT, SEEDS  # noqa: E402


@pytest.fixture(autouse=True)
def close() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def report() -> Report:
    ten = taxonomy.load_taxonomy(resources.taxonomy_file("opp115"))
    rows = opp115.load_opp115(ROOT / "tests/corpora/opp115", ten)
    return evaluate.cross_validate(rows, ten, n_folds=3, curve=True)


@pytest.mark.slow
def test_each_category_that_occurs_has_its_curve(report: Report) -> None:
    panels = [ax for ax in plots.precision_recall(report).axes if ax.get_visible()]
    assert [ax.get_title().split()[0] for ax in panels] == list(report.categories)
    dot = panels[0].lines[1]
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (
        report.per_category[0].recall.value,
        report.per_category[0].precision.value,
    )


def test_reliability_and_learning_curve_show_the_figures_of_the_report(report: Report) -> None:
    above, below = plots.reliability(report).axes
    assert list(above.lines[1].get_ydata()) == [share for _, share, _ in report.reliability[""]]
    assert [bar.get_height() for bar in below.patches] == [count for _, _, count in report.reliability[""]]
    ax = plots.learning_curve(report).axes[0]
    assert list(ax.lines[0].get_xdata()) == [point.policies for point in report.learning_curve]
    assert ax.get_legend().get_texts()[0].get_text() == "micro F1"


def test_counts_are_drawn_as_bars(tagger: Tagger) -> None:
    tagged = tagger.tag(SEEDS[0])
    axes = plots.counts(tagged)
    assert [bar.get_width() for bar in axes.patches] == list(tagged.counts().values())


def test_places_are_drawn_in_per_cent_of_the_document(tagger: Tagger) -> None:
    tagged = tagger.tag(SEEDS[0])
    _, given = plt.subplots()
    axes = plots.positions(tagged, given)
    assert axes is given
    assert axes.get_xlim() == (0, 100)
    assert len(axes.collections) == len(tagged.model.taxonomy)
    drawn = [len(bars.get_paths()) for bars in axes.collections]
    assert drawn == list(tagged.counts().values())
