import subprocess
import sys

import pytest

from coverband import cli
from tests import commands


def _run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(list(arguments))
    captured = capsys.readouterr()
    return stop.value.code or 0, captured.out, captured.err


def test_help_lists_the_commands_a_line_each(capsys):
    code, out, _ = _run(capsys, "--help")
    assert code == 0
    for name, command in cli.COMMANDS.items():
        assert f"  {name:<16} {command.summary}\n" in out


def test_no_command_is_wrong_and_shows_the_help(capsys):
    code, out, _ = _run(capsys)
    assert code == 2
    assert "prepare" in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["prepre"], "there is no command 'prepre'; did you mean prepare? (see coverband --help)"),
        (["xyzzy"], "there is no command 'xyzzy': choose from survey, prepare, train"),
        (
            ["train", "cyclgan"],
            "there is no family 'cyclgan'; did you mean cyclegan? (see coverband train --help)",
        ),
    ],
)
def test_an_unknown_name_is_one_sentence(capsys, arguments, expected):
    code, _, err = _run(capsys, *arguments)
    assert code == 2
    assert expected in err
    assert err.count("\n") == 1


def test_train_lists_its_families(capsys):
    code, out, _ = _run(capsys, "train", "--help")
    assert code == 0
    assert "cyclegan" in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["prepare"], "--jobs"),
        (["train", "cyclegan"], "--minutes"),
        (["interpolate"], "--first"),
        (["evaluate"], "--pairs"),
    ],
)
def test_dispatches_with_the_commands_own_help(arguments, expected):
    """In a process of its own: binaries define flags of the same names."""
    done = commands.run("coverband.cli", *arguments, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"    coverband {' '.join(arguments)}" in done.stdout
    assert f"  {expected}=...\n" in done.stdout
    assert "--verbosity" not in done.stdout


def test_a_missing_extra_is_one_sentence(capsys, monkeypatch):
    monkeypatch.setitem(cli.COMMANDS, "serve", cli.Command("no_such_module", "serves", "serve"))
    code, _, err = _run(capsys, "serve")
    assert code == 1
    assert err == "coverband: coverband serve needs no_such_module: pip install 'coverband[serve]'\n"


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom coverband import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'librosa', 'scipy')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
