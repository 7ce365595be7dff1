from collections.abc import Iterator

import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

from classifier import Tagger, plots  # noqa: E402
from tests.conftest import SEEDS  # noqa: E402


@pytest.fixture(autouse=True)
def close() -> Iterator[None]:
    yield
    plt.close("all")


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
