"""Fit the second level of a model: the heads that `classifier.model.values` scores by.

Each value has two linear heads, fitted by least squares on the terms of the model: one on clauses, one on phrases. A phrase
is positive for a value if it holds a part of the value's quote, and negative in clauses that may say the value and do not.
Other phrases of a clause that says the value are left out: annotators quote the clearest words, not all. Only clauses in
which an attribute may occur count for its values, since only there they will be scored.

A logistic regression joins the two heads with the categories of the clause into a probability, and a threshold is chosen on
it; both on values of clauses whose policies the heads have not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack
from sklearn.linear_model import LogisticRegression

from classifier.datasets.splits import assign_folds
from classifier.model.arrays import Bools, Floats, Ints, LabelMatrix
from classifier.model.calibration import f1_thresholds
from classifier.model.conversion import THRESHOLD_DECIMALS
from classifier.model.estimator import NEVER_LOG_ODDS, UNREACHABLE
from classifier.model.model import Model
from classifier.model.scorer import tfidf
from classifier.model.solvers import least_squares
from classifier.model.values import N_TERMS, NEGATION, ValueHeads, may_occur, negated_words, phrases_of
from classifier.text.context import with_context
from classifier.types import Clause, Example, MarkedValue

N_FOLDS = 2
"""Folds of policies for calibration and thresholds."""
CLAUSE_C, PHRASE_C, DENIAL_C = 3.0, 1.0, 10.0
"""Inverse strength of the penalty of each head, chosen by folds of policies on data/policies."""
JOINT_C = 10.0
"""Inverse strength of the penalty of the joint probability."""
CATEGORY_SCALE = 0.5
"""Categories count half, beside heads of unit variance."""
TOLERANCE = 1e-2
"""Least squares stops at this share of the squared residual; closer changes no F1 in the third decimal."""
MIN_EXAMPLES = 10
"""A value with fewer positive clauses is not learned, and never given."""
ALWAYS_LOG_ODDS = 3.0
"""Log-odds of a value that every clause has in which it may occur."""
NO_PHRASE = -9.0
"""Value of a clause without phrases."""


class ValueRows(NamedTuple):
    """Clauses with their values, as arrays.

    Attributes
    ----------
    clauses
        n_clauses clauses.
    groups
        The policy of each.
    has_category
        Whether a clause has a category, of shape (n_clauses, n_categories).
    target
        1 for a value that the clause says, 0 for one that it could say, -1 for all others; of shape (n_clauses, n_values).
    """

    clauses: list[Clause]
    groups: list[str]
    has_category: Bools
    target: LabelMatrix


class _Phrases(NamedTuple):
    """The phrases of clauses: the clause of each, and its target as in `ValueRows`."""

    texts: list[str]
    rows: Ints
    target: LabelMatrix


def value_rows(examples: Sequence[Example], model: Model) -> ValueRows:
    """Take the rows whose values somebody was asked for."""
    taxonomy = model.taxonomy
    asked = [example for example in examples if example.values is not None]
    number = {id: k for k, id in enumerate(taxonomy.value_ids)}
    has_category = np.array([[id in example.labels for id in taxonomy.ids] for example in asked], dtype=bool).reshape(
        len(asked), len(taxonomy)
    )
    target = np.where(has_category @ may_occur(taxonomy), 0, -1).astype(np.int8)
    for row, example in enumerate(asked):
        for id in example.unknown:
            if id in number:
                target[row, number[id]] = -1
        for value in example.values or ():
            if target[row, number[value.id]] == 0:
                target[row, number[value.id]] = 1
    clauses = [Clause(example.text, 0, len(example.text), example.headings, example.context) for example in asked]
    return ValueRows(clauses, [example.policy for example in asked], has_category, target)


def fit_values(model: Model, examples: Sequence[Example]) -> ValueHeads | None:
    """Learn the second level from rows with values; None if the taxonomy has no attributes, or no row has values.

    Parameters
    ----------
    model
        The first level, whose terms are weighed.
    examples
        Labeled rows; those whose `values` are None are left out.
    """
    rows = value_rows(examples, model)
    n_values = len(model.taxonomy.value_ids)
    is_learned = (rows.target == 1).sum(axis=0) >= MIN_EXAMPLES
    if not is_learned.any():
        return None
    quotes = [{value.id: value for value in example.values} for example in examples if example.values is not None]
    tf_clauses = matrix([_text(clause) for clause in rows.clauses], model)
    phrases = _phrases(rows, quotes, model)
    tf_phrases = matrix(phrases.texts, model)
    folds = assign_folds(rows.target == 1, rows.groups, N_FOLDS, 0)
    clause_values, phrase_values = np.zeros(rows.target.shape), np.full(rows.target.shape, NO_PHRASE)
    for fold in range(N_FOLDS):
        _score(tf_clauses, rows.target, np.arange(len(folds)), folds, fold, CLAUSE_C, clause_values)
        _score(tf_phrases, phrases.target, phrases.rows, folds, fold, PHRASE_C, phrase_values)
    clause_heads, clause_intercept = _fit(tf_clauses, rows.target, CLAUSE_C)
    phrase_heads, phrase_intercept = _fit(tf_phrases, phrases.target, PHRASE_C)
    categories = np.zeros((len(model.taxonomy), n_values))
    intercept = np.full(n_values, NEVER_LOG_ODDS)
    thresholds = np.full(n_values, UNREACHABLE)
    for value in np.flatnonzero(is_learned).tolist():
        known = np.flatnonzero(rows.target[:, value] >= 0)
        joint = _join(
            clause_values[known, value],
            phrase_values[known, value],
            rows.has_category[known],
            rows.target[known, value],
        )
        clause_heads[:, value] *= joint.clause
        phrase_heads[:, value] *= joint.phrase
        categories[:, value] = joint.categories
        intercept[value] = (
            joint.intercept + joint.clause * clause_intercept[value] + joint.phrase * phrase_intercept[value]
        )
        thresholds[value] = joint.threshold
    clause_heads[:, ~is_learned] = phrase_heads[:, ~is_learned] = 0.0
    denial_head, denial = _fit_denial(rows, quotes, model)
    offsets, columns, weights = _pruned(np.column_stack([clause_heads, phrase_heads, denial_head]))
    return ValueHeads(
        offsets=offsets,
        columns=columns,
        weights=weights,
        categories=categories.astype(np.float32),
        intercept=intercept.astype(np.float32),
        denial=denial.astype(np.float32),
        thresholds=np.round(thresholds, THRESHOLD_DECIMALS),
    )


def matrix(texts: Sequence[str], model: Model) -> csr_array:
    """Return the tf-idf of texts over the terms of a model, of shape (n_texts, n_terms)."""
    rows, columns, values = tfidf(list(texts), model)
    return csr_array((values, (rows, columns)), shape=(len(texts), len(model.codes)))


def _text(clause: Clause) -> str:
    return with_context(clause.text, clause.headings, clause.context)


def _phrases(rows: ValueRows, quotes: Sequence[dict[str, MarkedValue]], model: Model) -> _Phrases:
    """Cut clauses into phrases; those that touch a quote are positive."""
    number = {id: k for k, id in enumerate(model.taxonomy.value_ids)}
    texts: list[str] = []
    row_numbers: list[int] = []
    targets: list[LabelMatrix] = []
    for row, (clause, by_id) in enumerate(zip(rows.clauses, quotes, strict=True)):
        phrases = phrases_of(clause)
        target = np.repeat(rows.target[row][None], len(phrases), axis=0)
        for id, marked in by_id.items():
            value = number[id]
            if rows.target[row, value] != 1:
                continue
            target[:, value] = -1
            quote = marked.quote
            at = clause.text.find(quote)
            for k, phrase in enumerate(phrases):
                if phrase.start >= 0 <= at:
                    is_hit = phrase.start < at + len(quote) and at < phrase.end
                else:
                    is_hit = at < 0 and phrase.start < 0 and (phrase.text in quote or quote in phrase.text)
                if is_hit:
                    target[k, value] = 1
        texts += [phrase.text for phrase in phrases]
        row_numbers += [row] * len(phrases)
        targets.append(target)
    return _Phrases(texts, np.array(row_numbers, dtype=np.intp), np.concatenate(targets))


def _fit(tf: csr_array, target: LabelMatrix, C: float) -> tuple[Floats, Floats]:
    """Fit one head for each value, of shapes (n_terms, n_values) and (n_values,), pruned to the strongest terms."""
    mask = target >= 0
    used = np.flatnonzero(mask.any(axis=1))
    coef, intercept = least_squares(
        tf[used],
        np.where(target[used] == 1, 1.0, -1.0),
        mask[used],
        np.full((len(used), target.shape[1]), C),
        TOLERANCE,
    )
    if len(coef) > N_TERMS:
        for head in coef.T:
            head[np.argpartition(-np.abs(head), N_TERMS)[N_TERMS:]] = 0.0
    return coef, intercept


def _score(
    tf: csr_array, target: LabelMatrix, clause_of: Ints, folds: Ints, fold: int, C: float, values: Floats
) -> None:
    """Write the values of the clauses of a fold, by heads fitted on the others, into `values`; the largest of its rows."""
    is_held_out = folds[clause_of] == fold
    coef, intercept = _fit(tf[np.flatnonzero(~is_held_out)], target[~is_held_out], C)
    held_out = np.flatnonzero(is_held_out)
    scores = tf[held_out] @ coef + intercept
    values[folds == fold] = NO_PHRASE
    np.maximum.at(values, clause_of[held_out], scores)


class _Joint(NamedTuple):
    """How the two heads and the categories of a clause add up to the log-odds of a value, and the threshold."""

    clause: float
    phrase: float
    categories: Floats
    intercept: float
    threshold: float


def _join(clause_values: Floats, phrase_values: Floats, has_category: Bools, target: LabelMatrix) -> _Joint:
    scale = np.array([clause_values.std() or 1.0, phrase_values.std() or 1.0])
    features = np.column_stack([clause_values / scale[0], phrase_values / scale[1], CATEGORY_SCALE * has_category])
    if (target == 1).all():  # as of the one value of a category
        return _Joint(0.0, 1.0, np.zeros(has_category.shape[1]), ALWAYS_LOG_ODDS, 0.0)
    joint = LogisticRegression(C=JOINT_C, max_iter=500).fit(features, target)
    threshold = f1_thresholds(joint.predict_proba(features)[:, 1:], target[:, None])[0]
    coef = joint.coef_[0]
    # the head of phrases must not count against its value, or its strongest phrase would not be the reason
    clause, phrase = coef[0] / scale[0], max(0.0, coef[1] / scale[1])
    return _Joint(float(clause), float(phrase), CATEGORY_SCALE * coef[2:], float(joint.intercept_[0]), float(threshold))


def _fit_denial(rows: ValueRows, quotes: Sequence[dict[str, MarkedValue]], model: Model) -> tuple[Floats, Floats]:
    """Fit the head of denial on the words up to each quote that hold a negation.

    Returns
    -------
    head, intercept
        Of shapes (n_terms,) and (n_values,): values have intercepts of their own, since "we do not" denies a sale more surely
        than a right.
    """
    ids = model.taxonomy.value_ids
    number = {id: k for k, id in enumerate(ids)}
    texts, values, denied = [], [], []
    for clause, by_id in zip(rows.clauses, quotes, strict=True):
        for id, marked in by_id.items():
            at = clause.text.find(marked.quote)
            if at < 0 or not NEGATION.search(clause.text):
                continue
            words = negated_words(clause.text, at + len(marked.quote))
            if words:
                texts.append(words)
                values.append(number[id])
                denied.append(marked.is_denied)
    if len(set(denied)) < 2:  # then a negation always denies, or never does
        return np.zeros(len(model.codes)), np.full(len(ids), -NEVER_LOG_ODDS if any(denied) else NEVER_LOG_ODDS)
    of_value = csr_array((np.full(len(texts), 0.5), (np.arange(len(texts)), values)), shape=(len(texts), len(ids)))
    tf = matrix(texts, model)
    fitted = LogisticRegression(C=DENIAL_C, max_iter=1000).fit(csr_array(hstack([tf, of_value])), denied)
    coef = fitted.coef_[0]
    n_terms = len(model.codes)
    return coef[:n_terms], 0.5 * coef[n_terms:] + fitted.intercept_[0]


def _pruned(heads: Floats) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float16]]:
    """Return the strongest weights of each head as offsets, columns and weights; see `ValueHeads`."""
    columns, weights = [], []
    for head in heads.T:
        kept = np.flatnonzero(head)
        if len(kept) > N_TERMS:
            kept = np.sort(kept[np.argsort(-np.abs(head[kept]), kind="stable")[:N_TERMS]])
        columns.append(kept)
        weights.append(head[kept])
    offsets = np.append(0, np.cumsum([len(part) for part in columns]))
    return (
        offsets.astype(np.int32),
        np.concatenate(columns).astype(np.int32),
        np.concatenate(weights).astype(np.float16),
    )
