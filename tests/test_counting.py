"""The bar of a training loop: there while it runs, gone when it ends, silent on stderr and outside of notebooks."""

import pytest
from IPython.display import DisplayHandle

from course_utils import counted, counting
from course_utils.errors import CourseError


@pytest.fixture
def drawn(monkeypatch):
    """What the bar shows, in order, with no time to wait."""
    states = []
    monkeypatch.setattr(counting, "FIRST_SHOWN_AFTER", 0)
    monkeypatch.setattr(counting, "REDRAWN_AFTER", 0)
    monkeypatch.setattr(counting, "in_notebook", lambda: True)
    for method in ("display", "update"):
        monkeypatch.setattr(DisplayHandle, method, lambda self, data, raw: states.append(data))
    return states


def test_it_counts_like_range(drawn):
    assert list(counted(3)) == [0, 1, 2]
    assert [state["text/plain"] for state in drawn] == ["1 of 3 steps", "2 of 3 steps", "3 of 3 steps", ""]
    assert 'value="2" max="3"' in drawn[1]["text/html"]
    assert "progress" not in drawn[-1]["text/html"] and "display: none" in drawn[-1]["text/html"]


def test_a_loop_that_is_left_early_takes_its_bar_away(drawn):
    for step in counted(1_000):
        if step == 2:
            break
    assert drawn[-1]["text/plain"] == ""


def test_short_loops_and_scripts_draw_nothing(drawn, monkeypatch, capsys):
    monkeypatch.setattr(counting, "in_notebook", lambda: False)
    assert len(list(counted(5))) == 5
    monkeypatch.setattr(counting, "in_notebook", lambda: True)
    monkeypatch.setattr(counting, "FIRST_SHOWN_AFTER", 60)
    assert len(list(counted(5))) == 5
    assert drawn == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("steps", [range(5), 2.5, [1, 2], True])
def test_only_a_number_of_steps_is_counted(steps):
    with pytest.raises(CourseError, match=r"for step in counted\(100\)"):
        next(counted(steps))
