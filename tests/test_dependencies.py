"""pyproject.toml and environment.yml name the same dependencies with the same bounds."""

import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from course_grading.authoring.bundle import CONDA_NAMES

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())
TOOLS = {"python", "pip"}  # what conda brings and pip's own file does not name


def conda_requirements() -> dict[str, SpecifierSet]:
    """Name and bounds of each conda package; conda writes `=1.2.*` where pip writes `==1.2.*`."""
    lines = [
        Requirement(line.replace("=", "==", 1) if line.endswith(".*") else line)
        for line in ENVIRONMENT["dependencies"]
        if isinstance(line, str) and not line.startswith("python=")
    ]
    return {line.name: line.specifier for line in lines}


def pip_requirements() -> dict[str, SpecifierSet]:
    """The same of pyproject.toml with all its extras, under conda-forge's names."""
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    lines = [Requirement(line) for group in groups for line in group]
    return {CONDA_NAMES.get(line.name, line.name): line.specifier for line in lines if line.name != PROJECT["name"]}


def test_the_same_packages_with_the_same_bounds() -> None:
    conda = conda_requirements()
    assert {name: bounds for name, bounds in conda.items() if name not in TOOLS} == pip_requirements()


def test_its_python_is_one_we_support() -> None:
    (pinned,) = [line for line in ENVIRONMENT["dependencies"] if isinstance(line, str) and line.startswith("python=")]
    assert SpecifierSet(PROJECT["requires-python"]).contains(pinned.removeprefix("python="))


def test_it_installs_the_course_itself() -> None:
    (pip,) = [entry["pip"] for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict)]
    assert pip == ["-e ."]
    assert ENVIRONMENT["channels"] == ["conda-forge"]
