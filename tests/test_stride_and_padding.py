"""Lesson 3 asks about a picture that was drawn beforehand: it must show the four borders in the order of the answer."""

import base64
import io
import re

import nbformat
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from course_grading.authoring.language import load_lesson
from course_utils import load_picture

MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def test_the_four_borders_stand_in_the_order_of_the_answer():
    lesson = load_lesson("stride_and_padding")
    notebook = nbformat.read(lesson.notebook, as_version=4)
    source = next(cell.source for cell in notebook.cells if cell.id == "four-borders")
    sheet = Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^)]+)\)", source)[1]))).convert("L")
    eye = load_picture("chelsea", size=150)[18:78, 30:110]
    padded = {name: F.pad(eye[None, None], (24,) * 4, mode=mode)[0, 0] for name, mode in MODES.items()}
    for place, asked in enumerate(lesson.exercises["padding_modes"].answer):
        left = 4 + 160 * place
        pane = sheet.crop((left, 22, left + 152, 150)).resize((128, 108))
        shown = torch.from_numpy(np.asarray(pane) / np.float32(255))
        apart = {name: float((shown - picture).abs().mean()) for name, picture in padded.items()}
        assert min(apart, key=apart.__getitem__) == asked, apart
