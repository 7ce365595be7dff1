"""Turn the arrays of a fitted estimator into a `Model`, which taggers use and model folders hold.

The weights lose nothing but precision: a model stores 32-bit floats, and thresholds of four decimals.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier.model.arrays import Floats
from classifier.model.model import Model
from classifier.model.ngrams import parse_terms
from classifier.taxonomy import MAX_CHARACTERS, RESERVED_IDS, Category, Taxonomy, unsafe_character

THRESHOLD_DECIMALS = 4
_NOT_OF_ID = re.compile(r"[^a-z0-9]+")


def build_model(
    vectorizer: TfidfVectorizer, coef: Floats, intercept: Floats, thresholds: Floats, taxonomy: Taxonomy, name: str
) -> Model:
    """Build a model from a fitted vectorizer and linear model.

    Parameters
    ----------
    vectorizer
        A vectorizer of `classifier.model.vectorizer.fit_vectorizer`.
    coef, intercept, thresholds
        Of shapes (n_terms, n_categories), (n_categories,) and (n_categories,).
    taxonomy
        The categories, in the order of the columns.
    name
        Name of the model in output.
    """
    terms, columns = zip(*vectorizer.vocabulary_.items(), strict=True)
    stems, codes = parse_terms(terms)
    # a model orders its terms by code, the vectorizer by name
    by_code = np.argsort(codes)
    order = np.array(columns, dtype=np.intp)[by_code]
    return Model(
        name=name,
        taxonomy=taxonomy,
        stems=stems,
        codes=codes[by_code],
        idf=vectorizer.idf_[order].astype(np.float32),
        weights=coef[order].astype(np.float32),
        intercept=intercept.astype(np.float32),
        window=vectorizer.analyzer.keywords["window"],  # of the fit; the parameter of the estimator may have changed
        thresholds=np.round(thresholds, THRESHOLD_DECIMALS).astype(np.float64),
    )


def category_order(classes: Sequence[object], taxonomy: Taxonomy) -> NDArray[np.intp]:
    """Return the column of each category of a taxonomy among the classes of an estimator.

    Classes that are column numbers 0, 1, ... have no names, and are taken in the order of the taxonomy.

    Raises
    ------
    ValueError
        If the ids of the taxonomy are not the classes.
    """
    if list(classes) == list(range(len(taxonomy))):
        return np.arange(len(taxonomy))
    column_of = {str(name): column for column, name in enumerate(classes)}
    missing = [id for id in taxonomy.ids if id not in column_of]
    unknown = [name for name in column_of if name not in taxonomy.ids]
    if missing or unknown:
        raise ValueError(
            "the ids of the taxonomy must be the classes of the estimator; "
            f"not among the classes: {', '.join(missing) or 'none'}; not in the taxonomy: {', '.join(unknown) or 'none'}"
        )
    return np.array([column_of[id] for id in taxonomy.ids], dtype=np.intp)


def make_taxonomy(classes: Sequence[object]) -> Taxonomy:
    """Make a taxonomy of classes, with ids, titles and colors made from their names.

    Examples
    --------
    >>> for category in make_taxonomy(["cookies", "First Party/Use", 3]):
    ...     print(category.id, "|", category.title)
    cookies | Cookies
    first_party_use | First Party/Use
    category_3 | 3
    """
    categories: list[Category] = []
    for number, name in enumerate(map(str, classes)):
        id = _category_id(name, {category.id for category in categories})
        title = _title(name, id)
        categories.append(Category(id, title, f"Texts labeled {title}.", _color(number, len(classes))))
    return Taxonomy(tuple(categories))


def _category_id(name: str, used: set[str]) -> str:
    """Make an id that a taxonomy accepts: lower-case letters, digits and underscores, neither reserved nor used."""
    stem = _NOT_OF_ID.sub("_", name.lower()).strip("_")[: MAX_CHARACTERS["id"] // 2]
    if not stem or not stem[0].isalpha() or stem in RESERVED_IDS:
        stem = f"category_{stem}".rstrip("_")
    numbered = (f"{stem}_{number}" for number in range(2, len(used) + 3))
    return next(id for id in (stem, *numbered) if id not in used)


def _title(name: str, id: str) -> str:
    """Return the name as a title if a taxonomy accepts it, else one made of the id; a name that is an id is capitalized."""
    is_usable = name.strip() and len(name) <= MAX_CHARACTERS["title"] and not unsafe_character(name, is_line=True)
    return name if is_usable and name != id else id.replace("_", " ").capitalize()


def _color(number: int, n_colors: int) -> str:
    """Return one of `n_colors` colors with evenly spaced hues, as #RRGGBB."""
    channels = colorsys.hls_to_rgb(number / n_colors, 0.5, 0.5)
    return "#" + "".join(f"{round(255 * channel):02X}" for channel in channels)
