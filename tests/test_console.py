import errno
import io
import os
import subprocess
import sys

import pytest
from absl import flags

from pipelines import console
from pipelines.errors import UserError

DESCRIPTION = "Does a thing.\n\n    coverband probe --content songs/\n"


@pytest.fixture
def values():
    """A required, an integer, an enum, a number, a repeated flag and a repeated number."""
    values = flags.FlagValues()
    flags.DEFINE_string("content", None, "the songs", required=True, flag_values=values)
    flags.DEFINE_integer("jobs", 3, "processes", lower_bound=1, flag_values=values)
    flags.DEFINE_enum("kind", "a", ["a", "b"], "which kind", flag_values=values)
    flags.DEFINE_float("level", 0.0, "a level", lower_bound=-60.0, flag_values=values)
    flags.DEFINE_multi_string("set", None, "a setting", flag_values=values)
    flags.DEFINE_multi_float("strength", [], "strengths", lower_bound=0.0, flag_values=values)
    return values


def _run(main, *arguments):
    with pytest.raises(SystemExit) as stop:
        console.run(main, ["coverband probe", *arguments])
    return stop.value.code or 0


def _parsing(values, **options):
    return lambda argv: console.parse(values, argv, DESCRIPTION, **options)


def test_the_flags_are_parsed_and_positional_arguments_returned(values):
    rest = console.parse(
        values, ["coverband probe", "--content=x", "--set=a", "--set=b", "song.mp3"], None, positional=True
    )
    assert rest == ["song.mp3"]
    assert (values.content, values.jobs, values.kind, values.set) == ("x", 3, "a", ["a", "b"])
    assert "content" not in flags.FLAGS


def test_positional_arguments_of_a_command_without_any_are_a_user_error(values):
    with pytest.raises(UserError, match="what is 'a b' for"):
        console.parse(values, ["coverband probe", "--content=x", "a", "b"], None)


def test_main_gets_the_whole_command_line():
    seen = []
    assert _run(seen.extend, "--content=x", "song.mp3") == 0
    assert seen == ["coverband probe", "--content=x", "song.mp3"]


def test_help_shows_the_description_and_only_the_commands_own_flags(values, capsys):
    assert _run(_parsing(values), "--help") == 0
    out = capsys.readouterr().out
    assert "coverband probe --content songs/" in out
    assert "--jobs=..." in out
    assert "(default: 3)" in out
    assert "--set=... (may be repeated)" in out
    assert "verbosity" not in out
    assert "repeat this option" not in out
    assert "(default: [])" not in out


@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_that_has_had_enough_is_no_error(lines):
    code = (
        "from pipelines import console\n"
        f"def main(argv): [print('a line') for _ in range({lines})]\n"
        "console.run(main)\n"
    )
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-c", code], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "--content is missing"),
        (["--content=x", "--job=2"], "there is no flag --job; did you mean --jobs?"),
        (["--content=x", "--jobs=two"], "--jobs=two is not possible"),
        (["--content=x", "--jobs=0"], "--jobs=0 is not possible"),
        (["--content=x", "--kind=c"], "<a|b>"),
        (["--content=x", "--level=nan"], "--level=nan is not possible: it is not a number"),
        (["--content=x", "--strength=1", "--strength=NaN"], "--strength=nan is not possible"),
        (["--content"], "Missing value for flag --content"),
    ],
)
def test_a_wrong_flag_is_one_sentence(values, capsys, arguments, expected):
    assert _run(_parsing(values), *arguments) == 2
    err = capsys.readouterr().err
    assert expected in err
    assert err.count("\n") == 1
    assert "coverband probe --help" in err


@pytest.mark.parametrize(
    ("error", "code", "expected"),
    [
        (UserError("x.mp3 is empty: leave it out"), 1, "coverband: x.mp3 is empty: leave it out\n"),
        (OSError(errno.ENOSPC, "No space left on device", "out.wav"), 1, "the disk is full (out.wav)"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), 1, "the disk is full: free some space"),
        (OSError(errno.EACCES, "Permission denied", "a/b"), 1, "a/b cannot be read or written (Permission"),
        (OSError(errno.EROFS, "Read-only file system", "a"), 1, "a cannot be read or written (Read-only"),
        (OSError(errno.EIO, "Input/output error"), 1, "a file cannot be read or written (Input/output"),
        (MemoryError(), 1, "out of memory: end other programs"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_errors_become_sentences_and_exit_codes(capsys, error, code, expected):
    def fail(argv):
        raise error

    assert _run(fail) == code
    assert expected in capsys.readouterr().err


def test_other_errors_are_not_swallowed():
    def fail(argv):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        console.run(fail, ["coverband probe"])


def test_the_interval_of_progress_lines_is_set_by_the_environment(monkeypatch):
    lines = {}
    for seconds in ("0", "1000"):
        monkeypatch.setattr(sys, "stderr", written := io.StringIO())
        monkeypatch.setenv(console.LOG_SECONDS_VARIABLE, seconds)
        assert list(console.progress(range(5), "songs")) == list(range(5))
        lines[seconds] = [line for line in written.getvalue().splitlines() if line]
    assert len(lines["0"]) == 6  # and the last one once more
    assert len(lines["1000"]) == 1


def test_progress_without_a_terminal_writes_whole_lines(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    assert list(console.progress([1, 2, 3], "songs")) == [1, 2, 3]
    with console.progress(2, "steps") as bar:
        bar.update(2)
        bar.display()
        console.say("Done.")
    lines = [line for line in stream.getvalue().splitlines() if line]
    assert "songs: 100%" in lines[0]
    assert "2/2" in lines[1]
    assert lines[2] == "Done."
    assert "2/2" in lines[3]
    assert len(lines) == 4


def test_names_that_no_terminal_takes_become_question_marks(tmp_path):
    program = (
        "from pipelines import console\nfrom pipelines.errors import UserError\n"
        "def main(argv):\n"
        "    console.say(argv[1]); print(argv[1])\n"
        "    with console.progress(1, argv[1]) as bar: bar.update()\n"
        "    raise UserError(argv[1])\n"
        "console.run(main)"
    )
    for encoding, expected in (("utf-8", "Bj?rk \N{GUITAR}"), ("ascii", "Bj?rk ?")):
        done = subprocess.run(
            [sys.executable, "-c", program, b"Bj\xf6rk \xf0\x9f\x8e\xb8"],
            env={**os.environ, "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stdout.decode(encoding) == f"{expected}\n"
        said = done.stderr.decode(encoding)
        assert said.startswith(f"{expected}\n{expected}: 100%")
        assert said.endswith(f"coverband: {expected}\n")


@pytest.mark.parametrize("form", ["{}", "--content={}", "-content={}"])
def test_the_home_folder_where_the_shell_left_a_tilde(form, values, tmp_path, monkeypatch):
    def parsed(path):
        argv = ["coverband probe", "--content=x", form.format(path)]
        rest = console.parse(values, argv, None, positional=True)
        return rest[0] if rest else values.content

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert parsed("~/a song") == str(tmp_path / "a song")
    assert parsed("a~/b=~/c") == "a~/b=~/c"
    (tmp_path / "~").mkdir()
    assert parsed("~") == "~"
