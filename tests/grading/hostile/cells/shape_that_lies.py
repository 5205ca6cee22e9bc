"""An answer that comes as no bytes at all and says that it holds two thousand million numbers."""

import numpy as np
import torch

from course_grading.kernels.inside import codec

codec.Encoder._array = lambda self, array: {"array": "f8", "shape": [2_000_000_000], "blob": self._blob(np.zeros(0))}


def corr2d(x, kernel):
    return torch.zeros(1)


def convolve2d(x, kernel):
    return torch.zeros(1)
