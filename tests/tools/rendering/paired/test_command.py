import os

import pytest

from tests import commands


@pytest.mark.parametrize("name", ["inversion", "embedding"])
def test_help_shows_the_flags_of_the_benchmark(name):
    done = commands.run("tools", "benchmark", name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"    python -m tools benchmark {name}" in done.stdout
    assert ("--bench" in done.stdout, "--pairs" in done.stdout) == (name == "embedding", name == "inversion")


def _render(path, *flags):
    """`render paired` in a process whose PATH is one folder."""
    environment = {**os.environ, "PATH": str(path)}
    return commands.run("tools", "render", "paired", *flags, environment=environment)


def test_missing_soundfont_is_a_user_error(tmp_path):
    (tmp_path / "fluidsynth").touch(mode=0o755)
    done = _render(tmp_path, f"--out={tmp_path}", "--soundfont=no.sf2")
    assert done.returncode == 1
    assert done.stderr.startswith("coverband: no.sf2 is not there")


def test_file_in_place_of_the_folder_is_a_user_error(tmp_path):
    for name in ("fluidsynth", "font.sf2", "taken"):
        (tmp_path / name).touch(mode=0o755)
    done = _render(tmp_path, f"--out={tmp_path / 'taken'}", f"--soundfont={tmp_path / 'font.sf2'}")
    assert done.returncode == 1
    assert done.stderr.endswith("taken cannot be made (File exists): name another folder\n")
