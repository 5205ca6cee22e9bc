"""The pages about a class in a real browser: quiet, legible in both schemes, and printed on two sheets."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from course_grading.classroom import pages
from course_grading.classroom.report import report
from course_grading.classroom.why import why

# The contrast of two colours as WCAG reckons it.
CONTRAST = """() => {
  const light = words => words.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = element => {
    const colour = getComputedStyle(element).backgroundColor;
    return /, 0\\)$/.test(colour) && element.parentElement ? ground(element.parentElement) : colour;
  };
  return [...document.querySelectorAll("h1, h2, h3, p, td, th, .quiet, .number, pre, .shown div, blockquote")]
    .map(element => [light(getComputedStyle(element).color), light(ground(element))])
    .map(([one, other]) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05));
}"""


@pytest.fixture(scope="module")
def written(small_class, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The class's report, and the page about the one who wrote markup wherever they could."""
    root = small_class[0].root
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setattr(pages.webbrowser, "open", lambda address: True)
        report(["sliding_regions"])
        why("kim", "sliding_regions", open_=True)
    folder = root / "reports"
    return {"report": folder / "sliding_regions.html", "why": folder / "01_sliding_regions" / "kim.html"}


def test_they_are_quiet_legible_and_fit_on_two_sheets(written: dict[str, Path], browser: Browser) -> None:
    grounds = {}
    for name, path in written.items():
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme, viewport={"width": 1000, "height": 800})
            said = _noted(page)
            page.goto(path.as_uri())
            assert said == [], name
            assert min(page.evaluate(CONTRAST)) >= 4.5, (name, scheme)
            wide = page.evaluate("() => document.documentElement.scrollWidth")
            assert wide <= 1000, (name, scheme)
            grounds[name, scheme] = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
            if (name, scheme) == ("report", "dark"):
                sheets = page.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "12mm"))
                assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 2
            page.close()
        assert grounds[name, "light"] != grounds[name, "dark"]


def _noted(page: Page) -> list[str]:
    """What the page says on its console, asks of a server, or opens as a dialogue."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: None if request.url.startswith(("file:", "data:")) else said.append(request.url))
    return said
