"""Routes of the page's files."""

from __future__ import annotations

from starlette.routing import Route

from pipelines.serving.page_routes import POLICY, file_handler

_SCRIPTS = (
    "action",
    "api",
    "band",
    "covers",
    "dom",
    "listen",
    "manage",
    "models",
    "start",
    "studio",
    "style",
    "text",
    "training",
    "upload",
)
_SHARED = ("player", "spectrogram")
"""Scripts of the page of `coverband serve`."""
_POLICY = f"{POLICY}; media-src 'self' blob:; frame-src 'self'"


def routes() -> list[Route]:
    """The routes."""
    page = "coverband.studio.page"
    return [
        Route("/", file_handler(page, "studio.html", "text/html", _POLICY)),
        Route("/studio.css", file_handler(page, "studio.css", "text/css")),
        *(Route(f"/{name}.js", file_handler(page, f"{name}.js", "text/javascript")) for name in _SCRIPTS),
        *(
            Route(f"/{name}.js", file_handler("pipelines.serving", f"{name}.js", "text/javascript"))
            for name in _SHARED
        ),
    ]
