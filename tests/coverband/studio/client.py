"""Requests to the Studio's application, without a server."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from coverband.studio.app import build
from coverband.studio.home import Home
from coverband.studio.studio import Studio
from coverband.studio.tasks import TaskStore
from pipelines.serving.uploads import SizeLimit

HOST = "localhost:8600"


def studio(folder: Path, **fields: Any) -> Studio:
    """State of a server of a folder, which accepts songs of a megabyte."""
    home = Home(folder)
    return Studio(home, TaskStore(home), SizeLimit(1 << 20, "coverband studio --megabytes"), **fields)


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return self.json["error"]


class Client:
    """Client of one application."""

    def __init__(self, state: Studio) -> None:
        self._app: Starlette = build(state, ("localhost",))

    def get(self, path: str, **headers: str) -> Answer:
        return asyncio.run(self.send("GET", path, b"", **headers))

    def post(self, path: str, values: Any = None, **headers: str) -> Answer:
        return asyncio.run(self.send("POST", path, json.dumps(values or {}).encode(), **headers))

    def patch(self, path: str, values: Any) -> Answer:
        return asyncio.run(self.send("PATCH", path, json.dumps(values).encode()))

    def delete(self, path: str) -> Answer:
        return asyncio.run(self.send("DELETE", path, b""))

    def put(self, path: str, body: bytes, **headers: str) -> Answer:
        return asyncio.run(self.send("PUT", path, body, **headers))

    def put_all(self, bodies: list[tuple[str, bytes]]) -> list[Answer]:
        """Uploads at the same time."""

        async def together() -> list[Answer]:
            return await asyncio.gather(*(self.send("PUT", path, body) for path, body in bodies))

        return asyncio.run(together())

    async def send(self, method: str, path: str, body: bytes, **headers: str) -> Answer:
        """Sends one request; `sec_fetch_site="none"` is a header."""
        sent = {"host": HOST, "content-length": str(len(body))}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": urllib.parse.unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        }
        messages: list[dict[str, Any]] = []
        requests = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            return next(requests, {"type": "http.disconnect"})

        async def collect(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, collect)
        content = b"".join(message.get("body", b"") for message in messages)
        found = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        return Answer(messages[0]["status"], found, content)
