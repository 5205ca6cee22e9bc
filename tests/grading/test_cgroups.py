"""Limits by control group on systems of either version, imitated by folders; test_kernels.py meets the real one."""

from pathlib import Path

from course_grading.kernels.cgroups import Groups


def make(mount: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = mount / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return mount


def limits(folder: Path) -> dict[str, str]:
    """What is written in the one group that was made for a kernel."""
    (group,) = folder.glob("course-kernel-*")
    return {path.name: path.read_text() for path in group.iterdir()}


def groups(mount: Path, own: str) -> Groups:
    return Groups(mount, make(mount.parent, {"own": own}) / "own")


def test_version_1_has_a_folder_for_each_controller(tmp_path: Path) -> None:
    mount = make(tmp_path / "cgroup", {"memory/us/tasks": "", "pids/us/tasks": ""})
    found = groups(mount, "5:pids:/us\n3:memory:/us\n1:name=systemd:/us\n")
    found.confine(7, memory=1000, processes=64)
    assert found.kinds == {"memory", "pids"}
    assert limits(mount / "pids/us") == {"pids.max": "64", "cgroup.procs": "7"}
    assert limits(mount / "memory/us") == {
        **dict.fromkeys(("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"), "1000"),
        "cgroup.procs": "7",
    }


def test_processors_are_shared_and_counted_by_group(tmp_path: Path) -> None:
    mount = make(tmp_path / "cgroup", {"memory/tasks": "", "cpu/tasks": "", "cpuacct/tasks": ""})
    found = groups(mount, "3:memory:/\n2:cpuacct,cpu:/\n")
    group = found.confine(7, memory=1000, processes=64)
    (folder,) = (mount / "cpuacct").glob("course-kernel-*")
    (folder / "cpuacct.usage").write_text("1500000000\n")
    (mount / "memory" / folder.name / "memory.max_usage_in_bytes").write_text("7\n")
    assert (group.weighs, group.limits_memory, group.seconds(), group.memory()) == (True, True, 1.5, 7)


def test_version_2_counts_in_its_one_group(tmp_path: Path) -> None:
    mount = make(tmp_path / "cgroup", {"cgroup.controllers": "", "us/cgroup.subtree_control": "cpu memory pids"})
    group = groups(mount, "0::/us\n").confine(7, memory=1000, processes=64)
    (folder,) = (mount / "us").glob("course-kernel-*")
    (folder / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    (folder / "memory.peak").write_text("9\n")
    assert (group.weighs, group.seconds(), group.memory()) == (True, 2.5, 9)


def test_version_2_has_one_group_in_ours(tmp_path: Path) -> None:
    mount = make(tmp_path / "cgroup", {"cgroup.controllers": "memory pids", "us/cgroup.subtree_control": ""})
    found = groups(mount, "0::/us\n")
    found.confine(7, memory=1000, processes=64)
    assert (mount / "us/cgroup.subtree_control").read_text() == "+memory +pids"
    assert limits(mount / "us") == {
        **{"memory.max": "1000", "memory.swap.max": "0", "memory.oom.group": "1", "pids.max": "64"},
        "cgroup.procs": "7",
    }


def test_version_2_has_it_beside_ours_where_ours_holds_other_processes(tmp_path: Path) -> None:
    mount = make(tmp_path / "cgroup", {"cgroup.controllers": "", "slice/cgroup.subtree_control": "cpu memory pids"})
    (mount / "slice/session/cgroup.subtree_control").mkdir(parents=True)  # Linux refuses to write it, as a folder does
    found = groups(mount, "0::/slice/session\n")
    found.confine(7, memory=1000, processes=64)
    assert limits(mount / "slice")["pids.max"] == "64"
    assert not list((mount / "slice/session").glob("course-kernel-*"))


def test_where_no_groups_can_be_made_there_are_none(tmp_path: Path) -> None:
    mount = make(tmp_path / "cgroup", {"cgroup.controllers": "memory pids"})
    (mount / "cgroup.subtree_control").mkdir()
    found = groups(mount, "0::/\n")
    found.confine(7, memory=1000, processes=64)
    assert found.kinds == set()
    assert not list(mount.glob("course-kernel-*"))
    assert groups(mount, "nonsense").kinds == set()
