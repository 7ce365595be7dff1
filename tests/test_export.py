from pathlib import Path

import joblib
import numpy as np

from classifier import Tagger
from classifier.model import export


def test_the_joblib_file_holds_a_pipeline_that_predicts_the_same(tagger: Tagger, tmp_path: Path) -> None:
    export.export_joblib(tagger.model, tmp_path / "model.joblib")
    pipeline = joblib.load(tmp_path / "model.joblib")
    texts = ["We use cookies.", "We never sell data.", "", "Welcome."]
    found = [tuple(np.array(pipeline.categories_)[row == 1]) for row in pipeline.predict(texts)]
    assert found == tagger.predict(texts)
