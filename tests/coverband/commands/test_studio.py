"""Mistakes in the command line of the Studio; what it does is tested in tests/coverband/studio."""

import socket
from pathlib import Path

from pipelines import locks
from tests import commands

MODULE = "coverband.commands.studio"


def test_mistakes_are_one_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    (tmp_path / "examples").mkdir()
    for flags, words in (
        (["--folder", tmp_path / "file" / "home"], "cannot be made (Not a directory): name another --folder"),
        (["--examples", tmp_path / "examples"], "has no folder content: name another with --examples"),
        (["--folder", tmp_path / "home", "--host", "192.0.2.1"], "name another --host"),
        (["--folder", tmp_path / "home", "--set", "nosuch=3"], "nosuch"),
        (["--port", "99999"], "--port=99999 is not possible"),
    ):
        done = commands.run(MODULE, "--noopen", *flags)
        assert done.returncode in (1, 2)
        assert words in done.stderr
        assert done.stderr.count("\n") == 1


def test_one_studio_for_a_folder_and_for_a_port(tmp_path: Path):
    with locks.exclusive(tmp_path / ".studio-lock", lambda _: ""):
        done = commands.run(MODULE, "--noopen", "--folder", tmp_path)
    assert done.stderr == f"coverband: a Studio is open in {tmp_path} already: use that one\n"
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        done = commands.run(MODULE, "--noopen", "--folder", tmp_path, "--port", port)
    assert "cannot be bound (Address already in use): name another --port" in done.stderr
