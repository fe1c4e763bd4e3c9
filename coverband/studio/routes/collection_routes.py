"""Operations on things with names (bands, models, songs, covers): rename, move out, put back."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request

from coverband.studio.collection import Collection
from coverband.studio.covered_song import CoveredSong
from coverband.studio.home import Band
from coverband.studio.routes.answers import Named
from coverband.studio.routes.operation import Operation
from coverband.studio.studio import Studio
from coverband.studio.work import Work

Things = Callable[[Request], Collection]


def operations(studio: Studio) -> list[Operation]:
    """The operations."""

    def band(request: Request) -> Band:
        return studio.home.band(request.path_params["band"])

    def song(request: Request) -> CoveredSong:
        return band(request).covered_song(request.path_params["title"])

    def of(what: str, place: str, fields: tuple[str, ...], things: Things) -> list[Operation]:
        return _operations(studio, what, place, fields, things)

    bands, runs = "/api/bands", "/api/bands/{band}/runs"
    songs, covers = "/api/bands/{band}/covers", "/api/bands/{band}/covers/{title}/covers"
    return [
        *of("a band", bands, ("band",), lambda _: studio.home.collection),
        *of("a model", runs, ("band", "run"), lambda each: band(each).run_collection),
        *of("a song and its covers", songs, ("band", "title"), lambda each: band(each).song_collection),
        *of("a cover", covers, ("band", "title", "name"), lambda each: song(each).collection),
    ]


def _operations(
    studio: Studio, what: str, place: str, fields: tuple[str, ...], things_of: Things
) -> list[Operation]:
    """Operations on the things of a kind.

    Args:
        studio: with tasks, which follow the things that they are about.
        what: kind of a thing, such as "a band".
        place: path of the things.
        fields: parameters of the path of a thing, the last one its name; fields of works on it are called so
            (works have no name of a cover, as a cover can be made again under its first name).
        things_of: the things of a request.
    """

    def after(request: Request, new: str | None) -> Callable[[Work], Work | None]:
        names = {field: request.path_params[field] for field in fields}
        return lambda work: work.after(names, new)

    async def rename(request: Request, name: str) -> Named:
        old, things = request.path_params[fields[-1]], things_of(request)
        new = things.name_of(things.require_new(name, besides=old))
        with studio.tasks.follow(after(request, new)):
            things.rename(old, new)
        return {"name": new}

    async def remove(request: Request) -> Named:
        things = things_of(request)
        with studio.tasks.follow(after(request, None)):
            return {"name": things.name_of(things.remove(request.path_params[fields[-1]]))}

    async def restore(request: Request, name: str) -> Named:
        things = things_of(request)
        return {"name": things.name_of(things.restore(name))}

    thing = f"{place}/{{{fields[-1]}}}"
    return [
        Operation("PATCH", thing, f"Rename {what}", rename),
        Operation("DELETE", thing, f"Move {what} out", remove),
        Operation("POST", f"{place}/restore", f"Move {what} back", restore),
    ]
