import errno
import io
import os
import subprocess
import sys
import types

import pytest
from absl import flags

from pipelines import console
from pipelines.errors import UserError

MODULE = "console_probe"


@pytest.fixture
def probe(monkeypatch):
    """A binary with a required, an integer, an enum and a repeated flag, on flags of its own."""
    flags.FLAGS.mark_as_parsed()  # absl.app keeps a reference of its own to the process's flags
    values = flags.FlagValues()
    module = types.ModuleType(MODULE, "Does a thing.\n\n    coverband probe --content songs/\n")
    monkeypatch.setattr(flags, "FLAGS", values)
    monkeypatch.setitem(sys.modules, MODULE, module)
    owned = {"flag_values": values}
    flags.DEFINE_string("content", None, "the songs", **owned)
    flags.DEFINE_integer("jobs", 3, "processes", lower_bound=1, **owned)
    flags.DEFINE_enum("kind", "a", ["a", "b"], "which kind", **owned)
    flags.DEFINE_multi_string("set", None, "a setting", **owned)
    for flag in [values[name] for name in ("content", "jobs", "kind", "set")]:
        values.register_key_flag_for_module(MODULE, flag)
    flags.mark_flag_as_required("content", flag_values=values)
    module.main = types.FunctionType((lambda argv: None).__code__, {})
    module.main.__module__ = MODULE
    return module


def _run(main, *arguments):
    main.__module__ = MODULE
    with pytest.raises(SystemExit) as stop:
        console.run(main, ["coverband probe", *arguments])
    return stop.value.code or 0


def test_runs_main_with_what_is_not_a_flag(probe):
    seen = []
    assert _run(lambda argv: seen.extend(argv), "--content=x", "song.mp3") == 0
    assert seen == ["coverband probe", "song.mp3"]


def test_help_shows_the_example_and_only_the_binarys_own_flags(probe, capsys):
    assert _run(probe.main, "--help") == 0
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
        (["--content"], "Missing value for flag --content"),
    ],
)
def test_a_wrong_flag_is_one_sentence(probe, capsys, arguments, expected):
    assert _run(probe.main, *arguments) == 2
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
def test_errors_become_sentences_and_exit_codes(probe, capsys, error, code, expected):
    def fail(argv):
        raise error

    assert _run(fail, "--content=x") == code
    assert expected in capsys.readouterr().err


def test_other_errors_are_not_swallowed(probe):
    def fail(argv):
        raise ZeroDivisionError

    fail.__module__ = MODULE
    with pytest.raises(ZeroDivisionError):
        console.run(fail, ["coverband probe", "--content=x"])


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
def test_the_home_folder_where_the_shell_left_a_tilde(form, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert console._with_home(form.format("~/a song")) == form.format(tmp_path / "a song")
    assert console._with_home(form.format("a~/b=~/c")) == form.format("a~/b=~/c")
    (tmp_path / "~").mkdir()
    assert console._with_home(form.format("~")) == form.format("~")
