"""Pictures: found by name, loaded as numbers in [0, 1], shown on scales that say what they are."""

import pytest
import torch
from IPython.utils.capture import capture_output
from PIL import Image

from course_utils import find_picture, load_picture, show, show_numbers
from course_utils.errors import CourseError


def shown(*arguments, **options):
    with capture_output() as seen:
        show(*arguments, **options)
    return seen.outputs[0].data["text/html"]


def test_a_picture_of_the_course_is_grey_and_between_zero_and_one():
    camera = load_picture("camera")
    assert camera.shape == (512, 512) and camera.dtype == torch.float32
    assert 0 <= camera.min() < camera.max() <= 1
    assert load_picture("camera", size=64).shape == (64, 64)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "1", "CMYK", "LA"])
def test_files_of_any_mode_load(tmp_path, mode):
    suffix = "jpg" if mode == "CMYK" else "png"
    Image.new(mode, (5, 3)).save(tmp_path / f"own.{suffix}")
    assert load_picture(tmp_path / f"own.{suffix}").shape == (3, 5)


def test_what_is_not_there_or_not_a_picture_gets_a_sentence(tmp_path):
    with pytest.raises(CourseError, match=r"There is no picture 'camra'\. Did you mean 'camera'"):
        find_picture("camra")
    with pytest.raises(CourseError, match="There is no picture ''"):
        load_picture("")
    notes = tmp_path / "notes.png"
    notes.write_text("not a picture")
    with pytest.raises(CourseError, match=r"'notes\.png' is not a picture"):
        load_picture(notes)
    with pytest.raises(CourseError, match="There is no picture"):
        load_picture(tmp_path)
    with pytest.raises(CourseError, match="whole number"):
        load_picture("camera", size=0)


def test_scales_are_honest_and_said_in_words(shell):
    assert "black 0, white 1" in shown(torch.rand(4, 4))
    assert "black 0, white 765" in shown(torch.tensor([[0.0, 765.0]]))
    assert "blue −3, white 0, orange 3" in shown(torch.tensor([[-1.0, 3.0]]))
    assert "black 0, white 8" in shown({"a": torch.rand(2, 2), "b": torch.rand(2, 2)}, scale=8)
    assert "cut off" in shown(torch.rand(3, 4, 4) * 2)


def test_every_figure_has_an_alt_text(shell):
    assert 'alt="a cat"' in shown(torch.rand(4, 4), alt="a cat")
    assert shown({"one": torch.rand(4, 4), "two": torch.rand(4, 4)}).count("alt=") == 2
    with capture_output() as seen:
        show_numbers({"x": torch.eye(2)}, highlight=(0, 1))
    assert 'alt="x: 1, 0; 0, 1"' in seen.outputs[0].data["text/html"]


@pytest.mark.parametrize(
    "bad", ["camera", torch.rand(2, 2, 2), torch.rand(5), torch.full((2, 2), float("nan")), torch.rand(0, 2)]
)
def test_what_cannot_be_shown_gets_a_sentence(bad):
    with pytest.raises(CourseError):
        show(bad)
