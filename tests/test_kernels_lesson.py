"""Lesson 2: what its prose says of pictures is what is measured on them."""

import numpy as np
import torch
import torch.nn.functional as F
from torchvision.transforms import functional as TF

from course_utils import load_picture

LAPLACIAN = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])
PRINTED = torch.tensor([[0.0, -1, 1], [-1, 1, 0], [1, 0, 0]])
DIAGONAL = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])


def response(picture, kernel):
    return F.conv2d(picture[None, None], kernel[None, None])[0, 0]


def test_the_black_sky_turns_grey_when_its_response_is_stretched():
    sky = load_picture("hubble_deep_field")
    found = response(sky, LAPLACIAN)
    assert round((-found.min() / (found.max() - found.min())).item(), 2) == 0.71  # "light", the guess "grey_of_the_sky"
    empty = sky[1:-1, 1:-1] < 0.15
    as_bytes = (found * 255).long().to(torch.uint8)
    assert empty.float().mean() > 0.9 and 0.4 < (as_bytes[empty] > 200).float().mean() < 0.5


def test_two_in_five_bytes_are_wrong_where_nothing_is_rounded():
    small = TF.resize(load_picture("coffee", color=True), 160, antialias=True)
    bright = (1.4 * small).clamp(0, 1)
    saved = torch.from_numpy(np.array(TF.to_pil_image(bright))).permute(2, 0, 1)
    assert 0.37 < (saved != (bright * 255).round()).float().mean() < 0.43


def test_torchvision_s_to_pil_image_does_not_cut():
    assert TF.to_pil_image(torch.full((1, 1, 1), 1.2)).getpixel((0, 0)) == 50


def test_the_kernel_in_print_answers_with_the_picture_itself():
    cat = load_picture("chelsea")
    inside = cat[1:-1, 1:-1].flatten()
    printed, ours = (
        torch.corrcoef(torch.stack([inside, response(cat, kernel).flatten()]))[0, 1] for kernel in (PRINTED, DIAGONAL)
    )
    assert printed > 0.9 and abs(ours) < 0.05
