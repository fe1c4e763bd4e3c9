from tests import commands, odd_audio


def test_times_of_the_decoders_that_support_a_file(tmp_path):
    songs = [odd_audio.write(tmp_path / name, odd_audio.music(2.0)) for name in ("a.mp3", "b.m4a")]
    arguments = [f"--song={song}" for song in songs]
    done = commands.run("tools.benchmarks.decoding", *arguments, "--seconds=0.1", "--nomemory")
    assert done.returncode == 0, done.stderr
    mp3, m4a = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in done.stdout.strip().splitlines()[-2:]
    )
    assert (mp3[0], m4a[0]) == ("a.mp3", "b.m4a")
    assert all(float(cell.split()[0]) > 0 for cell in mp3[2:])
    assert (float(m4a[2].split()[0]) > 0, m4a[3]) == (True, "–")  # noqa: RUF001


def test_unreadable_file_is_a_user_error(tmp_path):
    (tmp_path / "words.mp3").write_text("words")
    done = commands.run("tools.benchmarks.decoding", f"--song={tmp_path / 'words.mp3'}")
    assert done.returncode == 1
    assert "is not a readable audio file" in done.stderr
    assert "Traceback" not in done.stderr
