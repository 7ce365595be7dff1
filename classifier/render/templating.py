"""Fill Jinja templates: the one place that sets up jinja2.

All that a template writes passes `escape_controls`, so that no control character and no mark of direction comes through,
wherever it is from; HTML is escaped as well.
"""

from __future__ import annotations

import jinja2

from classifier.text.escaping import escape_controls


class Trusted(str):
    """Text of our own that a template writes as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def _safe(value: object) -> object:
    # markup was made by a template or is trusted; its parts have been here before
    return escape_controls(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


_environment = jinja2.Environment(
    loader=jinja2.PackageLoader("classifier.render"),
    autoescape=jinja2.select_autoescape(["html"]),
    undefined=jinja2.StrictUndefined,
    finalize=_safe,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def fill_template(template: str, **values: object) -> str:
    """Fill a template of this folder."""
    return _environment.get_template(template).render(**values)
