"""The door to explanations: why a clause has its score, word by word."""

from classifier.model.explain import (
    Contribution,
    Explanation,
    Reason,
    Word,
    contributions,
    explain_clause,
    strongest_terms,
)

__all__ = ["Contribution", "Explanation", "Reason", "Word", "contributions", "explain_clause", "strongest_terms"]
