"""Pictures: found by name, loaded as numbers in [0, 1], shown on scales that say what they are."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from IPython.utils.capture import capture_output
from PIL import Image

from course_utils import find_picture, load_picture, show, show_numbers
from course_utils.errors import CourseError
from course_utils.pictures import FORMATS

ROOT = Path(__file__).parents[1]


def shown(*arguments, **options):
    with capture_output() as seen:
        show(*arguments, **options)
    return seen.outputs[0].data["text/html"]


def numbers(*arguments, **options):
    with capture_output() as seen:
        show_numbers(*arguments, **options)
    return seen.outputs[0].data["text/html"]


def test_a_picture_of_the_course_is_grey_and_between_zero_and_one():
    camera = load_picture("camera")
    assert camera.shape == (512, 512) and camera.dtype == torch.float32
    assert 0 <= camera.min() < camera.max() <= 1
    assert load_picture("camera", size=64).shape == (64, 64)


def test_a_picture_of_the_course_is_each_time_a_tensor_of_its_own():
    first = load_picture("camera", size=40)
    first.zero_()
    assert load_picture("camera", size=40).max() > 0.5 and load_picture("camera").shape == (512, 512)


def test_a_picture_of_the_course_in_colour():
    chelsea = load_picture("chelsea", color=True)
    assert chelsea.shape == (3, 300, 451) and chelsea.dtype == torch.float32 and chelsea.is_contiguous()
    assert load_picture("chelsea", size=100, color=True).shape == (3, 67, 100)
    assert not torch.equal(chelsea[0], chelsea[2])
    camera = load_picture("camera", color=True)
    assert torch.equal(camera[0], camera[2]) and torch.equal(camera[0], load_picture("camera"))


@pytest.mark.parametrize("name", [path.stem for path in (ROOT / "data").iterdir() if path.suffix in FORMATS])
def test_every_picture_of_the_course_loads_and_is_small(name):
    path = find_picture(name)
    picture = load_picture(name, color=True)
    assert max(picture.shape) <= 512 and path.stat().st_size < 300_000
    assert 0 <= picture.min() < 0.3 and 0.7 < picture.max() <= 1


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "1", "CMYK", "LA"])
def test_files_of_any_mode_load(tmp_path, mode, recwarn):
    own = tmp_path / f"own.{'jpg' if mode == 'CMYK' else 'png'}"
    Image.new(mode, (5, 3)).save(own)
    assert load_picture(own).shape == (3, 5)
    assert load_picture(own, color=True).shape == (3, 3, 5)
    assert not recwarn


def test_colours_survive_a_palette_and_transparency(tmp_path, recwarn):
    red = Image.new("RGBA", (4, 2), (255, 0, 0, 255))
    red.putpixel((0, 0), (0, 255, 0, 0))
    own = tmp_path / "own.png"
    for picture in (red, red.quantize(4)):
        picture.save(own)
        colours = load_picture(own, color=True)
        assert colours[:, 1, 3].tolist() == [1, 0, 0] and colours[:, 0, 0].tolist() == [0, 1, 0]
    grey = Image.new("LA", (2, 2), (51, 7))
    grey.save(own)
    assert torch.equal(load_picture(own, color=True), torch.full((3, 2, 2), 0.2))
    assert not recwarn


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_are_scaled_not_cut(tmp_path, suffix):
    own = tmp_path / f"own.{suffix}"
    Image.fromarray(np.array([[0, 13107, 65535]], dtype=np.uint16)).save(own)
    torch.testing.assert_close(load_picture(own), torch.tensor([[0, 0.2, 1]]))
    assert load_picture(own, color=True).shape == (3, 1, 3)


@pytest.mark.parametrize(
    "values", [np.array([[0, 70000]], np.int32), np.array([[-5, 3]], np.int32), np.ones((1, 2), "f4")]
)
def test_numbers_of_unknown_scale_are_refused(tmp_path, values):
    Image.fromarray(values).save(tmp_path / "own.tif")
    with pytest.raises(CourseError, match=r"'own\.tif' is broken, or of a kind that cannot be read"):
        load_picture(tmp_path / "own.tif")


def test_of_an_animation_the_first_picture_is_taken(tmp_path):
    own = tmp_path / "own.gif"
    frames = [Image.new("RGB", (4, 3), colour) for colour in ("red", "blue")]
    frames[0].save(own, save_all=True, append_images=frames[1:])
    assert load_picture(own, color=True)[:, 0, 0].tolist() == [1, 0, 0]


def test_a_photograph_taken_upright_is_upright(tmp_path):
    own = tmp_path / "own.jpg"
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was turned by 90°
    Image.new("L", (6, 2)).save(own, exif=turned)
    assert load_picture(own).shape == (6, 2)


@pytest.mark.parametrize("side", [8_000, 20_000])  # above our limit; above the one at which Pillow itself refuses
def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path, side, recwarn):
    own = tmp_path / "own.png"
    Image.new("1", (side, side)).save(own)
    with pytest.raises(CourseError, match=r"'own\.png' has more than 50 million pixels.*save a smaller copy"):
        load_picture(own)
    assert not recwarn


@pytest.mark.parametrize("kept", [0, 10, 60, 1000])
@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "webp"])
def test_a_broken_file_gets_a_sentence(tmp_path, suffix, kept):
    own = tmp_path / f"own.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(own)
    own.write_bytes(own.read_bytes()[:kept])
    with pytest.raises(CourseError, match=f"'own.{suffix}' is broken, or of a kind that cannot be read"):
        load_picture(own)


def test_what_is_not_there_or_not_a_picture_gets_a_sentence(tmp_path):
    with pytest.raises(CourseError, match=r"There is no picture 'camra'\. Did you mean 'camera'"):
        find_picture("camra")
    with pytest.raises(CourseError, match="There is no picture ''"):
        load_picture("")
    notes = tmp_path / "notes.png"
    notes.write_text("not a picture")
    with pytest.raises(CourseError, match=r"'notes\.png' is broken, or of a kind that cannot be read"):
        load_picture(notes)
    with pytest.raises(CourseError, match="is a folder"):
        load_picture(tmp_path)
    for size in (0, 2.5, True):
        with pytest.raises(CourseError, match="whole number"):
            load_picture("camera", size=size)


def test_scales_are_honest_and_said_in_words(shell):
    assert "black 0, white 1" in shown(torch.rand(4, 4))
    assert "black 0, white 765" in shown(torch.tensor([[0.0, 765.0]]))
    assert "blue −3, white 0, orange 3" in shown(torch.tensor([[-1.0, 3.0]]))
    assert "blue −1, white 0, orange 1" in shown(torch.eye(2), signed=True)  # a response, though it has no negative
    assert "black 0, white 8" in shown({"a": torch.rand(2, 2), "b": torch.rand(2, 2)}, scale=8)
    assert "cut off" in shown(torch.rand(3, 4, 4) * 2)


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("show_it", [shown, numbers])
def test_what_a_scale_cuts_off_is_said(show_it):
    products = torch.tensor([[18.0, 27], [-10, 9]])
    assert "orange 27<" in show_it(products)
    assert "orange 9; 3 values beyond (27 at most) cut off<" in show_it(products, scale=9)
    assert "white 20; 1 value beyond (27 at most) cut off; 1 below 0 cut off<" in show_it(
        products, scale=20, signed=False
    )
    assert "cut off" not in show_it(torch.tensor([[0.3]]), scale=0.3)


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("show_it", [shown, numbers])
def test_options_are_for_all_or_by_title(show_it):
    pair = {"x": torch.ones(2, 2), "response": torch.ones(2, 2)}
    for signed in ("response", ["response"], {"response"}):
        html = show_it(pair, signed=signed, scale={"response": 4})
        assert html.count(">blue") == 1 and "orange 4<" in html and "white 1<" in html
    assert show_it(pair, signed=True).count(">blue −1, white 0, orange 1") == 2
    for options in ({"signed": "respons"}, {"scale": {"respons": 3}}, {"region": {"respons": (0, 0, 1, 1)}}):
        with pytest.raises(CourseError, match=r"called 'respons' \(did you mean 'response'"):
            show_it(pair, **options)


def picture_in(html):
    return Image.open(io.BytesIO(base64.b64decode(re.search(r"data:image/png;base64,([^\"]+)", html)[1])))


@pytest.mark.usefixtures("shell")
def test_a_region_is_one_outline():
    html = numbers(torch.zeros(4, 5), region=(1, 2, 2, 3))
    drawn = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1]).decode()
    assert drawn.count('fill="none"') == 2 and 'width="96" height="64"' in drawn  # a white line and a black one
    html = shown(torch.full((24, 24), 0.5), region=(6, 12, 3, 6))
    assert "outlined: 3×6 pixels from row 6, column 12 on" in html
    picture = picture_in(html)
    assert picture.size == (240, 240)
    assert [picture.getpixel((150, y)) for y in (57, 58, 60, 61)] == [
        (128, 128, 128),
        (255, 255, 255),
        (0, 0, 0),
        (255, 255, 255),
    ]
    assert picture.getpixel((120, 75)) == (0, 0, 0) and picture.getpixel((60, 75)) == (128, 128, 128)


@pytest.mark.usefixtures("shell")
def test_words_have_the_colour_of_the_page():
    for html in (shown({"a": torch.eye(3)}), numbers({"a": torch.eye(3)}, indices=True)):
        outside = re.sub(r"base64,[^\"]+", "", html)
        assert "color" not in outside and "opacity" not in outside


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


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("show_it", [shown, numbers])
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"scale": "big"}, "scale is 'big': pass the number above 0"),
        ({"scale": -1}, "scale is -1: pass"),
        ({"scale": torch.ones(2)}, "scale is tensor.*: pass"),
        ({"signed": torch.eye(2)}, r"signed is a tensor of shape \(2, 2\): pass True or False, or the titles"),
        ({"region": (1, 2, 3)}, r"region is \(1, 2, 3\): pass four whole numbers, \(row, col, height, width\)"),
        ({"region": (1.5, 0, 1, 1)}, "region is .*: pass four whole numbers"),
        ({"region": torch.ones(4)}, "region is .*: pass four whole numbers"),
    ],
)
def test_an_option_that_says_nothing_is_told(show_it, options, sentence):
    with pytest.raises(CourseError, match=sentence):
        show_it(torch.eye(4), **options)


def test_a_highlight_that_is_no_cell_is_told(shell):
    for bad in (3, (0.5, 1), "all"):
        with pytest.raises(CourseError, match=r"highlight is .*: pass one cell"):
            numbers(torch.eye(2), highlight=bad)
    assert numbers(torch.eye(2), highlight=torch.tensor([0, 1])) == numbers(torch.eye(2), highlight=(0, 1))
    assert numbers(torch.eye(2), highlight=None) == numbers(torch.eye(2))


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("show_it", [shown, numbers])
def test_an_option_may_be_a_tensor(show_it):
    x = torch.tensor([[-2.0, 1.0], [0.0, 4.0]])
    assert show_it(x, scale=x.abs().max()) == show_it(x, scale=4)
    assert show_it(x, signed=(x < 0).any()) == show_it(x, signed=1) == show_it(x, signed=True)
    assert show_it(x, region=torch.tensor([0, 0, 1, 2])) == show_it(x, region=(0, 0, 1, 2))
    assert "torch.Size([2, 2])" in show_it(x, title=x.shape)


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("show_it", [shown, numbers])
def test_each_picture_has_its_own_options_whatever_its_title_is(show_it):
    pair = {1: torch.ones(2, 2), 2: torch.ones(2, 2)}
    html = show_it(pair, signed={1: False, 2: True}, scale={1: 4, 2: 5})
    assert html.count(">blue") == 1 and "white 4<" in html and "orange 5<" in html


@pytest.mark.usefixtures("shell")
def test_what_is_no_picture_is_told():
    grey, coloured = torch.rand(4, 4), torch.rand(3, 4, 4)
    for several in ([grey, grey, grey], [coloured, grey]):
        with pytest.raises(CourseError, match="by their titles: pass a dict"):
            shown(several)
    with pytest.raises(CourseError, match="real numbers"):
        shown(torch.complex(grey, grey))
    with pytest.raises(CourseError, match="nothing to show"):
        shown({})
    assert shown({"a": grey, "b": grey}, alt="two pictures").count('alt="two pictures"') == 2
    assert 'alt="5"' in shown(grey, alt=5)


@pytest.mark.usefixtures("shell")
def test_a_small_region_of_a_large_picture_is_outlined():
    for region in ((10, 10, 3, 3), (0, 0, 1, 1), (511, 511, 1, 1)):
        assert picture_in(shown(torch.zeros(512, 512), region=region)).size == (240, 240)


@pytest.mark.usefixtures("shell")
def test_no_more_is_embedded_than_is_seen():
    html = shown(torch.rand(300, 4000))
    assert picture_in(html).size == (480, 36) and "300×4000 pixels" in html and "width:240px;height:18px" in html
    with pytest.raises(CourseError, match=r"'x' has the shape \(41, 2\), too large to read as numbers"):
        numbers({"x": torch.zeros(41, 2)})
    assert "<img" in numbers(torch.zeros(40, 40))


def test_what_is_no_name_of_a_picture_gets_its_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.new("L", (4, 4)).save("my_dog.png")
    (tmp_path / "folder").mkdir()
    for name, sentence in {
        "https://x.org/cat.png": "on your disk first",
        "folder": "is a folder",
        "my_dog": "Did you mean 'my_dog.png'?",
        "MY_DOG.PNG": "Did you mean 'my_dog.png'?",
        "CAMERA": "Did you mean 'camera'?",
    }.items():
        with pytest.raises(CourseError) as refused:
            load_picture(name)
        assert sentence in str(refused.value), name
    for nothing in (None, Image.new("L", (2, 2)), b"camera", 5):
        with pytest.raises(CourseError, match="pass a name, such as 'camera'"):
            load_picture(nothing)
    assert (
        load_picture("camera", size=np.int64(8)).shape == load_picture("camera", size=torch.tensor(8)).shape == (8, 8)
    )


@pytest.mark.usefixtures("shell")
def test_words_are_no_wider_than_their_picture():
    assert shown(torch.eye(2), title="a long title " * 9).count("max-width:240px") == 2  # the title and the legend
    wide = numbers(torch.zeros(1, 12), title="x")
    assert wide.count("max-width:384px") == 2
    assert "blue −0.093, white 0, orange 0.093" in shown(torch.tensor([[-0.09271]]))  # in one line


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize(("count", "rows"), [(1, 1), (2, 1), (3, 1), (4, 3), (5, 1), (6, 3), (8, 7)])
def test_a_row_that_is_too_long_falls_into_halves(count, rows):
    html = shown({str(i): torch.eye(2) for i in range(count)})
    assert html.count("flex-wrap:wrap") == rows and html.count("<figure") == count
