"""A policy with its tagged clauses, as data that programs can take further.

`TaggedPolicy` holds the document, the clauses and which model tagged them. It writes itself as a dictionary, JSON, HTML,
Markdown or a data frame; the renderers are loaded when that is asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from classifier.errors import LanguageError, require_package
from classifier.model.info import ModelInfo, model_info
from classifier.model.model import Model
from classifier.taxonomy import Category
from classifier.text.language import language_name
from classifier.text.markup import markdown_links
from classifier.types import MARKDOWN_FORMATS, Clause, Document, Link

if TYPE_CHECKING:
    import pandas as pd

    from classifier.model.explain import Explanation
    from classifier.model.value_explain import ValueExplanation

NEAR_MISS_SHARE = 0.5
"""A score of at least this share of the threshold is a near miss."""


class Missing(NamedTuple):
    """Categories that no clause has.

    Attributes
    ----------
    not_found
        Categories that the model could have given.
    not_learned
        Categories that the model never gives, since it had too few examples of them.
    """

    not_found: list[Category]
    not_learned: list[Category]


@dataclass(frozen=True, eq=False)
class TaggedPolicy:
    """A policy and its tagged clauses; iterate over it for the clauses, leave it at the end of a Jupyter cell to see it.

    Attributes
    ----------
    document
        The policy as read; ``document.text[clause.start:clause.end] == clause.text``.
    clauses
        Its clauses, in order, with labels and scores.
    model
        The model that tagged it. A pickled result carries a `ModelInfo` (name, checksum, categories) in its place.
    thresholds
        The thresholds used, category id to probability. Read-only.
    absent
        After `filter`, the categories that no clause of the whole policy has; None before.
    level
        2 if clauses carry the values of attributes too, else 1.

    Examples
    --------
    >>> from classifier import load
    >>> tagged = load().tag_text("We keep server logs for 30 days. We never sell your personal data to anyone.")
    >>> [clause.labels for clause in tagged]
    [('sharing', 'retention')]
    """

    document: Document
    clauses: tuple[Clause, ...]
    model: Model | ModelInfo
    thresholds: Mapping[str, float]
    absent: Missing | None = None
    level: int = 1

    def __len__(self) -> int:
        """Return the number of clauses."""
        return len(self.clauses)

    def __bool__(self) -> bool:
        """Return True, also for a policy without clauses."""
        return True

    def __iter__(self) -> Iterator[Clause]:
        """Iterate over the clauses."""
        return iter(self.clauses)

    def __getitem__(self, number: int) -> Clause:
        """Return a clause by its position, counted from 0."""
        return self.clauses[number]

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: everything but the arrays of the model, which are megabytes."""
        return {**self.__dict__, "model": model_info(self.model)}

    # --- as other types --------------------------------------------------------------------------------------------------

    def to_dict(self, *, explain: bool = False) -> dict[str, Any]:
        """Return the policy as plain data, as `classifier/render/tagged.schema.json` describes it.

        Parameters
        ----------
        explain
            Add the near misses of each clause and the explanation of each label.

        Returns
        -------
        dict
            ``schema_version``, ``model``, what is known of the document, and ``clauses``, a dictionary each.

        Examples
        --------
        >>> from classifier import load
        >>> load().tag_text("We keep server logs for 30 days.").to_dict()["clauses"][0]["labels"]
        ['retention']
        """
        from classifier.render.json import policy_document

        return policy_document(self, explain)

    def to_json(self, *, explain: bool = False, indent: int | None = 1) -> str:
        """Return `to_dict` as JSON text."""
        import json

        return json.dumps(self.to_dict(explain=explain), ensure_ascii=False, indent=indent)

    def to_html(self, *, explain: bool = False, show_all: bool = False) -> str:
        """Return a page that works offline and without scripts, as `clauses tag --format html` writes it.

        Parameters
        ----------
        explain
            Show the reasons of each label opened.
        show_all
            Show navigation too.
        """
        return self._rendered("html", explain, show_all)

    def to_markdown(self, *, explain: bool = False, show_all: bool = False) -> str:
        """Return Markdown, as `clauses tag --format markdown` writes it; parameters as in `to_html`."""
        return self._rendered("markdown", explain, show_all)

    def _rendered(self, name: str, explain: bool, show_all: bool) -> str:
        from classifier.render.formats import RenderOptions, get_format

        return get_format(name, RenderOptions(show_all=show_all, explain=explain)).document(self)

    def to_frame(self) -> pd.DataFrame:
        """Return the clauses as a data frame, one row per clause, with the columns of CSV and Parquet output.

        Raises
        ------
        MissingPackageError
            If pandas is not installed.
        """
        from classifier.render.table import clause_columns, clause_rows

        return _data_frame(clause_rows(self), clause_columns(self))

    def attributes(self) -> pd.DataFrame:
        """Return the values of attributes as a data frame, one row per clause and value.

        Returns
        -------
        DataFrame
            Columns `policy`, `clause` (its number), `id` (of the clause), `attribute`, `value`, `title`, `denied`, `score`,
            `start`, `end` and `quote`: the words that say it and their place in the text, -1 if they stand above the clause.
            Empty if the policy was tagged with level 1.

        Raises
        ------
        MissingPackageError
            If pandas is not installed.

        Examples
        --------
        >>> from classifier import load
        >>> frame = load().tag_text("We collect: e-mail address, age.").attributes()
        >>> frame["value"].tolist()[0], frame["quote"].tolist()[0]
        ('contact', 'e-mail address')
        """
        from classifier.render.table import ATTRIBUTE_COLUMNS, attribute_rows

        return _data_frame(attribute_rows(self), ATTRIBUTE_COLUMNS)

    def facts(self) -> pd.DataFrame:
        """Return the facts of the policy as a data frame: periods, dates, countries, companies, addresses and more.

        Returns
        -------
        DataFrame
            Columns `policy`, `clause`, `clause_id`, `type`, `value`, `of`, `kind`, `start`, `end` and `text`, as in
            `classifier.analysis.facts.Fact`.

        Raises
        ------
        MissingPackageError
            If pandas is not installed.

        Examples
        --------
        >>> from classifier import load
        >>> load().tag_text("We keep server logs for thirty (30) days.").facts()["value"].tolist()
        ['P30D']
        """
        from classifier.analysis.facts import Fact, policy_facts

        rows = ({"policy": self.document.name, **fact._asdict()} for fact in policy_facts(self))
        return _data_frame(rows, ["policy", *Fact._fields])

    def filter(
        self, *categories: str, section: str = "", where: Callable[[Clause], bool] = lambda clause: True
    ) -> TaggedPolicy:
        """Return the policy with some of its clauses, which keep their numbers.

        Parameters
        ----------
        categories
            Keep clauses with at least one of these labels; all clauses if none is given.
        section
            Keep clauses below a heading that contains this text, whatever its case.
        where
            Keep clauses for which this is true.

        Raises
        ------
        ValueError
            If the model has no such category.

        Examples
        --------
        >>> from classifier import load
        >>> tagged = load().tag_text("# Data\\n\\nWe keep logs for 30 days.\\n\\nWe use cookies.")
        >>> len(tagged), len(tagged.filter("retention")), len(tagged.filter(section="data"))
        (2, 1, 2)
        """
        for id in categories:
            if id not in self.model.taxonomy.ids:
                raise ValueError(f"no category {id!r}; the model has {', '.join(self.model.taxonomy.ids)}")
        kept = tuple(
            clause
            for clause in self.clauses
            if (not categories or not set(categories).isdisjoint(clause.labels))
            and (not section or any(section.casefold() in heading.casefold() for heading in clause.headings))
            and where(clause)
        )
        return replace(self, clauses=kept, absent=self._absent())

    def links(self, clause: Clause) -> list[Link]:
        """Return the links in a clause that lead elsewhere, with their places in the document.

        Addresses are those of the source; an address without a scheme is relative to that of the page.

        >>> from classifier import load
        >>> tagged = load().tag_text("We share data with [Tern](https://tern.example).")
        >>> tagged.links(tagged[0])
        [Link(start=20, end=24, address='https://tern.example')]
        """
        at, links = clause.start, self.document.links
        if self.document.format in MARKDOWN_FORMATS:
            return [Link(at + start, at + end, address) for start, end, address in markdown_links(clause.text)]
        first, stop = (bisect_left(links, place, key=attrgetter("start")) for place in (at, clause.end))
        return list(links[first:stop])

    # --- counts ----------------------------------------------------------------------------------------------------------

    def counts(self) -> dict[str, int]:
        """Count the clauses of each category, in the order of the taxonomy; 0 for a category that was not found."""
        counts = dict.fromkeys(self.model.taxonomy.ids, 0)
        for clause in self.clauses:
            for id in clause.labels:
                counts[id] += 1
        return counts

    def missing(self) -> Missing:
        """List the categories that no clause of the policy has, those left out by `filter` included.

        Raises
        ------
        LanguageError
            If the policy is in another language than English (`is_foreign`). An empty list would tell a program that requires
            some categories that none is missing. A policy whose language is not told counts as English.

        Examples
        --------
        >>> from classifier import load
        >>> "retention" in [category.id for category in load().tag_text("We keep logs for 30 days.").missing().not_found]
        False
        """
        if self.is_foreign:
            raise LanguageError(
                f"{self.document.name}: its missing categories are {self.foreign_note}, and the model learned from English; "
                "ask `is_foreign` first"
            )
        return self._absent()

    def _absent(self) -> Missing:
        if self.absent is not None:
            return self.absent
        counts, not_learned = self.counts(), model_info(self.model).unlearned
        absent = [category for category in self.model.taxonomy if not counts[category.id]]
        return Missing([c for c in absent if c.id not in not_learned], [c for c in absent if c.id in not_learned])

    @property
    def is_foreign(self) -> bool:
        """Whether the policy seems to be in another language than English, the one that models learn from."""
        return self.document.language not in ("", "en")

    @property
    def foreign_note(self) -> str:
        """The reason why `missing` has no answer, to be shown in its place; "" if it has one."""
        if not self.is_foreign:
            return ""
        return f"unknown, since the policy seems to be in {language_name(self.document.language)}"

    @property
    def can_explain(self) -> bool:
        """Whether the model is at hand: a pickled result has none."""
        return isinstance(self.model, Model)

    # --- explanations ----------------------------------------------------------------------------------------------------

    def explain(self, clause: Clause, category: str) -> Explanation:
        """Explain the score of a clause in a category by the words that add to it.

        Raises
        ------
        ValueError
            If the model has no such category, the clause is of another policy, or the result was pickled and so has no model.

        Examples
        --------
        >>> from classifier import load
        >>> tagged = load().tag_text("We keep server logs for 30 days and then delete them.")
        >>> found = tagged.explain(tagged[0], "retention")
        >>> [tagged.document.text[start:end] for start, end in found.evidence(3)]
        ['30', 'days', 'delete']
        """
        from classifier.model.explain import explain_clause

        model = self._model_at_hand()
        if self.document.text[clause.start : clause.end] != clause.text:
            raise ValueError("the clause is not of this policy; explain it by the policy that it comes from")
        return explain_clause(clause, category, model, self.thresholds.get(category))

    def explain_value(self, clause: Clause, value: str) -> ValueExplanation:
        """Explain the score of a clause in a value of an attribute, given or not.

        Raises
        ------
        ValueError
            If the model has no such value, the value may not occur with the labels of the clause, or the result was pickled
            and so has no model.

        Examples
        --------
        >>> from classifier import load
        >>> tagged = load().tag_text("We collect: e-mail address, age.")
        >>> tagged.explain_value(tagged[0], "data.contact").phrase
        'e-mail address'
        """
        from classifier.model.value_explain import explain_value

        return explain_value(clause, value, self._model_at_hand())

    def _model_at_hand(self) -> Model:
        """Return the model. Raises ValueError for a result that was pickled."""
        if not isinstance(self.model, Model):
            raise ValueError(
                "this result was pickled, which leaves the model behind; tag the document again with Tagger.tag_document"
            )
        return self.model

    def near_misses(self, clause: Clause) -> tuple[str, ...]:
        """List the categories that a clause was nearly given: at least half the threshold, nearest first."""
        shares = {
            id: score / max(self.thresholds[id], 1e-9) for id, score in clause.scores.items() if id not in clause.labels
        }
        near = [id for id, share in shares.items() if share >= NEAR_MISS_SHARE and clause.kind == "text"]
        return tuple(sorted(near, key=lambda id: -shares[id]))

    def sentence(self, clause: Clause, category: str | Explanation) -> tuple[int, int]:
        """Find the sentence of a clause that carries a label best, as (start, end) in the document's text.

        Where there is an explanation already, pass it in place of its category.
        """
        from classifier.text.sentences import sentence_spans

        spans = [(start + clause.start, end + clause.start) for start, end in sentence_spans(clause.text)]
        why = self.explain(clause, category) if isinstance(category, str) else category
        return why.sentence(spans or [(clause.start, clause.end)])

    def __repr__(self) -> str:
        found = sum(bool(clause.labels) for clause in self.clauses)
        return f"<TaggedPolicy {self.document.name!r}: {len(self.clauses)} clauses, {found} with a label>"

    def _repr_html_(self) -> str:
        from classifier.render.html import policy_to_html

        return policy_to_html(self)


def _data_frame(rows: Iterable[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    """Return rows as a table. Raises MissingPackageError without pandas."""
    require_package("data frames", "train", "pandas")
    import pandas as pd

    return pd.DataFrame(rows, columns=columns)
