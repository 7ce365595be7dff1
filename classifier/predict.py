"""The door to tagging: ``python -m classifier.predict POLICY`` and the names that programs import.

>>> load().predict(["We keep server logs for 30 days and then delete them."])
[('retention',)]
"""

from classifier.tagging.tagged import TaggedPolicy
from classifier.tagging.tagger import Tagger, load

__all__ = ["TaggedPolicy", "Tagger", "load"]

if __name__ == "__main__":
    from classifier.cli.tag import tag

    tag(prog_name="python -m classifier.predict")
