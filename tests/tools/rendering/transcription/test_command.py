import os

from tests import commands


def _render(path, *flags):
    """`render transcription` in a process whose PATH is one folder."""
    environment = {**os.environ, "PATH": str(path)}
    return commands.run("tools", "render", "transcription", *flags, environment=environment)


def test_help_shows_an_example_and_the_flags(tmp_path):
    done = _render(tmp_path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "    python -m tools render transcription --out transcription_data --size small" in done.stdout
    assert all(
        f"--{flag}=" in done.stdout for flag in ("out", "size", "seed", "jobs", "soundfont", "held_out")
    )


def test_missing_fluidsynth_is_a_user_error(tmp_path):
    done = _render(tmp_path, f"--out={tmp_path}")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "fluidsynth is missing" in done.stderr


def test_wrong_soundfont_or_folder_is_a_user_error(tmp_path):
    (tmp_path / "fluidsynth").touch(mode=0o755)
    for name in ("one.sf2", "held.sf2", "taken"):
        (tmp_path / name).touch()
    fonts = [f"--soundfont={tmp_path / 'one.sf2'}", f"--held_out={tmp_path / 'held.sf2'}"]
    done = _render(tmp_path, f"--out={tmp_path}", fonts[0], "--held_out=no.sf2")
    assert (done.returncode, done.stderr.startswith("coverband: no.sf2 is not there")) == (1, True)
    done = _render(tmp_path, f"--out={tmp_path / 'taken'}", *fonts)
    assert (done.returncode, "taken cannot be made (File exists)" in done.stderr) == (1, True)
