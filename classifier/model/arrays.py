"""Names for the types of arrays that several modules pass to each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
LabelMatrix = NDArray[np.int8]
"""1 where a category applies, 0 where it does not, -1 where that is unknown; of shape (n_rows, n_categories)."""
