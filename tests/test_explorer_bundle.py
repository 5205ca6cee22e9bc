"""How the explorers' modules become one, and that no mistake in them passes in silence."""

import re

import pytest

from course_utils.explorers import explorer
from course_utils.explorers.explorer import STATIC, front_end

KINDS = sorted(path.name for path in STATIC.glob("*.js") if "export default" in path.read_text())


@pytest.mark.parametrize("name", KINDS)
def test_each_explorer_becomes_one_module(name):
    module = front_end(name)
    assert [line for line in module.splitlines() if line.lstrip().startswith(("import", "export"))] == [
        module.rstrip().splitlines()[-1]
    ]


def test_every_module_is_used():
    used = "".join(map(front_end, KINDS))
    for path in STATIC.glob("*.js"):
        assert f"// {path.name}\n" in used


@pytest.mark.parametrize(
    ("other", "line", "complaint"),
    [
        ("", 'import one from "./other.js";', 'because of the line "import one from'),
        ("", 'import * as other from "./other.js";', "import as in"),
        ("", 'import { one } from "./other.js"', "because of the line"),
        ("", 'import "./other.js";', "because of the line"),
        (
            "export { one };",
            'import { one } from "./other.js";',
            'other.js cannot be joined, because of the line "export',
        ),
        ("export async function one() {}", 'import { one } from "./other.js";', "because of the line"),
        (
            "export const two = 2;",
            'import { two } from "./other.js";\nconst two = 3;',
            "both declare `two`: rename one",
        ),
        ("", "export default { render };", "because of the line"),
    ],
)
def test_a_mistake_is_loud(tmp_path, monkeypatch, other, line, complaint):
    monkeypatch.setattr(explorer, "STATIC", tmp_path)
    (tmp_path / "other.js").write_text(f"{other}\n")
    (tmp_path / "mine.js").write_text(f"{line}\nexport default widget(Mine);\n")
    with pytest.raises(ValueError, match=re.escape(complaint)):
        front_end("mine.js")


def test_a_module_that_is_no_explorer_is_refused():
    with pytest.raises(ValueError, match="no explorer"):
        front_end("numbers.js")


def test_imports_may_take_several_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(explorer, "STATIC", tmp_path)
    (tmp_path / "other.js").write_text("export const one = 1;\nexport function two() {}\n")
    (tmp_path / "mine.js").write_text('import {\n  one,\n  two,\n} from "./other.js";\nexport default widget(Mine);\n')
    joined = "// other.js const one = 1; function two() {} // mine.js export default widget(Mine);"
    assert " ".join(front_end("mine.js").split()) == joined


def test_nothing_is_fetched():
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "").replace('url("#', "")
        assert not any(word in text for word in ("http:", "https:", "//cdn", "@import", "url(", "fetch(", "import("))


@pytest.mark.parametrize("name", KINDS)
def test_each_rule_of_an_explorer_is_stronger_than_the_shared_ones(name):
    """The shared rules come once with each explorer on the page, so the order of the rules says nothing."""
    sheet = (STATIC / name).with_suffix(".css").read_text()
    selectors = re.findall(r"^(\S.*?)(?: \{|,)$", sheet, re.MULTILINE)
    mine = f".course-explorer.{name.removesuffix('.js').replace('_', '-')}"
    assert selectors and [each for each in selectors if not each.startswith(mine)] == []
