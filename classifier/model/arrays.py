"""Names for the array types that several modules exchange."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
LabelMatrix = NDArray[np.int8]
"""Labels of shape (n_rows, n_categories): 1 if the category applies, 0 if it does not, -1 if that is unknown."""
