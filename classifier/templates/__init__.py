"""Templates become text: the one place that sets up jinja2; HTML is escaped throughout."""

from __future__ import annotations

import jinja2

_environment = jinja2.Environment(
    loader=jinja2.PackageLoader("classifier"),
    autoescape=jinja2.select_autoescape(["html"]),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render(template: str, **values: object) -> str:
    """Fill a template of this folder."""
    return _environment.get_template(template).render(**values)
