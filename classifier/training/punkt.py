"""Learn from labeled rows where sentences end: write data/punkt.json, which `text.sentences` reads.

``python -m classifier.training.punkt data/clauses data/punkt.json`` (`make punkt`). Learning needs nltk; nothing is
downloaded.

References
----------
Kiss & Strunk, "Unsupervised multilingual sentence boundary detection", Computational Linguistics 2006.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from classifier.datasets.rows import load_examples
from classifier.io import write_file
from classifier.resources import bundled
from classifier.taxonomy import load_taxonomy
from classifier.text.sequences import Texts, text_list


def learn_punkt(texts: Texts) -> dict[str, Any]:
    """Learn the parameters of Punkt.

    Parameters
    ----------
    texts
        n_texts strings.

    Returns
    -------
    dict
        Abbreviations, collocations, sentence starters, and the orthographic contexts of words (as nltk's flags); sorted, so
        that the same texts give the same bytes.
    """
    from nltk.tokenize.punkt import PunktTrainer

    trainer = PunktTrainer()
    trainer.train("\n\n".join(text_list(texts)), finalize=False)
    trainer.finalize_training()
    parameters = trainer.get_params()
    return {
        "abbreviations": sorted(parameters.abbrev_types),
        "collocations": sorted(map(list, parameters.collocations)),
        "sentence_starters": sorted(parameters.sent_starters),
        "orthography": dict(sorted((word, flags) for word, flags in parameters.ortho_context.items() if flags)),
    }


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    examples = load_examples([source], load_taxonomy(bundled("data/taxonomy.toml")))
    learned = learn_punkt([example.text for example in examples])
    write_file(target, (json.dumps(learned, ensure_ascii=False, indent=0) + "\n").encode())
