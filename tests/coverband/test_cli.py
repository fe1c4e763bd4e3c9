import importlib
import itertools
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from coverband import cli
from coverband.commands import prepare, transcribe
from coverband.dispatch import Group
from pipelines.data.loader import open_corpus
from tests import commands
from tools import __main__ as tools


def _run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(list(arguments))
    captured = capsys.readouterr()
    return stop.value.code or 0, captured.out, captured.err


def test_help_lists_the_commands_a_line_each(capsys):
    code, out, _ = _run(capsys, "--help")
    assert code == 0
    width = max(map(len, cli.COMMANDS))
    for name, command in cli.COMMANDS.items():
        assert f"\n  {name:<{width}}  {command.summary}\n" in out


def test_no_command_is_wrong_and_shows_the_help(capsys):
    code, out, _ = _run(capsys)
    assert code == 2
    assert "prepare" in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["prepre"], "there is no command 'prepre'; did you mean prepare? (see coverband --help)"),
        (["xyzzy"], "there is no command 'xyzzy': choose from studio, survey, prepare"),
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
    done = commands.run("coverband.cli", *arguments, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"    coverband {' '.join(arguments)}" in done.stdout
    assert f"  {expected}=...\n" in done.stdout
    assert "--verbosity" not in done.stdout


def _leaves(table):
    """The commands of a table and of its groups, with the words that choose them."""
    for name, entry in table.items():
        if isinstance(entry, Group):
            yield from ((f"{name} {below}", command) for below, command in _leaves(entry.commands))
        else:
            yield name, entry


def test_a_group_in_a_group_lists_its_commands(capsys):
    with pytest.raises(SystemExit) as stop:
        tools.main(["benchmark", "real", "--help"])
    assert not stop.value.code
    out = capsys.readouterr().out
    assert "usage: python -m tools benchmark real STEP --flag=value" in out
    assert "  corpus " in out


def test_all_commands_are_imported_and_show_their_help_in_one_process(capsys):
    for table in (cli.COMMANDS, tools.COMMANDS):
        for name, command in _leaves(table):
            main = importlib.import_module(command.module).main
            with pytest.raises(SystemExit) as stop:
                main([name, "--help"])
            assert not stop.value.code
            out = capsys.readouterr().out
            assert f"{name} --" in out or f"{name}\n" in out
            assert "Flags:\n  --" in out


def test_two_commands_run_one_after_the_other_in_one_process(tmp_path, capsys):
    seeds = itertools.count()
    for folder in ("content", "band"):
        (tmp_path / folder).mkdir()
        for name in ("a", "b", "c"):
            noise = np.random.default_rng(next(seeds)).normal(scale=0.1, size=2 * 16000).clip(-1, 1)
            soundfile.write(tmp_path / folder / f"{name}.wav", noise, 16000)
    sources = [f"--content={tmp_path / 'content'}", f"--band={tmp_path / 'band'}"]
    for mels in (32, 48):  # the same command twice, with other flags
        prepare.main(
            [
                "prepare",
                *sources,
                f"--out={tmp_path / str(mels)}",
                "--nosurvey",
                "--jobs=1",
                f"--n_mels={mels}",
            ]
        )
        assert open_corpus(tmp_path / str(mels)).spec.n_mels == mels
    transcribe.main(
        ["transcribe", f"--input={tmp_path / 'content' / 'a.wav'}", f"--output={tmp_path / 'a.mid'}"]
    )
    assert (tmp_path / "a.mid").exists()
    assert "x real time" in capsys.readouterr().err


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
