"""`load_digits`: 1,797 small handwritten digits, in a part to learn from and a part to be tested on."""

import numpy as np
import torch

from course_utils.errors import CourseError
from course_utils.pictures import FOLDERS

LEARNED_FROM = 1347  # the others are the test; data/digits.npz is mixed, with as large a share of each digit in both


def load_digits(part: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
    """Handwritten digits: images, (N, 8, 8) float32 in [0, 1], ink 1 on paper 0, and labels, N integers from 0 to 9.

    part: "train" for the 1,347 to learn from, "test" for the other 450. Raises CourseError for any other.
    """
    if part not in ("train", "test"):
        raise CourseError(f'load_digits takes "train" or "test"; you gave {part!r}.')
    path = next(folder / "digits.npz" for folder in FOLDERS if (folder / "digits.npz").is_file())
    with np.load(path) as stored:
        images, labels = stored["images"] / np.float32(16), stored["labels"].astype(np.int64)
    chosen = slice(LEARNED_FROM) if part == "train" else slice(LEARNED_FROM, None)
    return torch.from_numpy(images[chosen]), torch.from_numpy(labels[chosen])
