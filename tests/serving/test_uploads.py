"""Saved bodies of requests, without a server."""

import asyncio
from pathlib import Path

import pytest
from starlette.requests import Request

from pipelines.serving import uploads
from pipelines.serving.http_errors import HttpError
from pipelines.serving.uploads import SizeLimit, SongUpload
from pipelines.stems.files import Role
from tests.serving.songs import form

SIZE = 100_000


def request(body: bytes, headers: dict[str, str], chunk: int = 1 << 14) -> Request:
    """Request whose body arrives in chunks."""
    chunks = [body[first : first + chunk] for first in range(0, max(len(body), 1), chunk)]

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": encoded}, receive)


def save(folder: Path, body: bytes, headers: dict[str, str]) -> SongUpload:
    limit = SizeLimit(SIZE, "coverband serve --megabytes")
    return asyncio.run(uploads.save_song(request(body, headers), folder, limit, 5.0))


def save_form(folder: Path, files: dict[str, bytes]) -> SongUpload:
    return save(folder, *form(files))


def test_a_body_is_a_song(tmp_path: Path):
    found = save(tmp_path, b"song", {})
    assert found.stem is None
    assert found.song.read_bytes() == b"song"


@pytest.mark.parametrize("name", ["song", "file", "../../etc/passwd"])
@pytest.mark.parametrize("role", [None, *Role])
def test_a_form_of_a_song_and_its_stem(tmp_path: Path, name: str, role: Role | None):
    files = {name: b"\r\n--song" * 9999} | ({} if role is None else {role.value: b"stem" * 20000})
    found = save_form(tmp_path, dict(reversed(files.items())))
    assert found.song.read_bytes() == files[name]
    assert (found.stem and found.stem.role) == role
    assert all(path.parent == tmp_path for path in tmp_path.iterdir())
    if found.stem:
        assert found.stem.path.read_bytes() == files[found.stem.role.value]


def test_an_empty_choice_of_a_browser_is_no_stem(tmp_path: Path):
    body, headers = form({"song": b"song", "vocals": b""})
    found = save(tmp_path, body.replace(b'filename="vocals"', b'filename=""'), headers)
    assert found.stem is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["song"]


def test_text_in_place_of_a_stem_is_an_error(tmp_path: Path):
    body, headers = form({"song": b"song", "vocals": b"singer.wav"})
    with pytest.raises(HttpError, match="vocals has to be a file") as rejected:
        save(tmp_path, body.replace(b'; filename="vocals"', b""), headers)
    assert rejected.value.status == 400


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["vocals"], "the form contains no song: send the song as its one file, or with its stem, named"),
        ([], "the form contains no file: send the song as its one file"),
        (["song", "file"], "the form contains several songs: send the song as its one file"),
        (["song", "vocals", "instrumental"], "two names of one division: send one of the stems"),
        (["a", "b", "c", "d"], "the form cannot be read: send the song as its one file"),
    ],
)
def test_other_forms_are_errors(tmp_path: Path, names: list[str], message: str):
    with pytest.raises(HttpError, match=message) as rejected:
        save_form(tmp_path, dict.fromkeys(names, b"samples"))
    assert rejected.value.status == 400
    assert not list(tmp_path.iterdir())


def test_two_stems_of_one_role_are_an_error(tmp_path: Path):
    body, headers = form({"song": b"song", "vocals": b"stem", "vocalS": b"stem"})
    with pytest.raises(HttpError, match="the form contains several vocals stems"):
        save(tmp_path, body.replace(b"vocalS", b"vocals"), headers)


@pytest.mark.parametrize(
    ("sizes", "accepted"),
    [((SIZE, SIZE - 1000), True), ((SIZE + 1, 9), False), ((9, SIZE + 1), False), ((SIZE, SIZE), False)],
)
def test_each_file_has_the_limit_and_the_body_twice_it(
    tmp_path: Path, sizes: tuple[int, int], accepted: bool
):
    files = {"song": bytes(sizes[0]), "vocals": bytes(sizes[1])}
    if accepted:
        assert save_form(tmp_path, files).stem
        return
    with pytest.raises(HttpError, match=r"larger than the .* MB that are accepted") as rejected:
        save_form(tmp_path, files)
    assert rejected.value.status == 413


def test_a_form_of_a_prediction_has_one_file(tmp_path: Path):
    limit, path = SizeLimit(SIZE, "coverband serve --predict_megabytes"), tmp_path / "body"
    asyncio.run(uploads.save(request(*form({"vocals": b"samples"})), path, limit, 5.0))
    assert path.read_bytes() == b"samples"
    with pytest.raises(HttpError, match="the form cannot be read: send the song as its one file"):
        asyncio.run(uploads.save(request(*form({"a": b"", "b": b""})), path, limit, 5.0))
