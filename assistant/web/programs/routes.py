"""The interface for programs: its addresses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import prometheus_client
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.web.part import Part
from assistant.web.programs.chat import chat, model
from assistant.web.programs.chat_forms import Models
from assistant.web.programs.desk import Desk
from assistant.web.programs.infer import infer
from assistant.web.programs.openapi import Health, document
from assistant.web.programs.sound import speech, transcriptions
from assistant.web.programs.text import read_text

SAMPLES = Path(__file__).parents[2] / "samples"
"""The bundled pictures."""


def programs_part(desk: Desk) -> Part:
    """Return the interface for programs."""
    folders = (SAMPLES, *desk.loaded.config.serve.folders)

    def served(serve: Callable[[Request, Desk], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await serve(request, desk)

        return endpoint

    def about_pictures(
        serve: Callable[[Request, Desk, Sequence[Path]], Awaitable[Response]],
    ) -> Callable[[Request], Awaitable[Response]]:
        return served(lambda request, desk: serve(request, desk, folders))

    async def health(_: Request) -> Response:
        return JSONResponse(Health(model=desk.loaded.model, waiting=desk.line.waiting).model_dump())

    async def counts(_: Request) -> Response:
        return Response(desk.metrics.text(), media_type=prometheus_client.CONTENT_TYPE_LATEST)

    async def models(_: Request) -> Response:
        return JSONResponse(Models(data=[model(desk)]).model_dump())

    async def one_model(request: Request) -> Response:
        if request.path_params["name"] != desk.loaded.model:
            raise HTTPException(404)
        return JSONResponse(model(desk).model_dump())

    async def described(_: Request) -> Response:
        return JSONResponse(document())

    routes = [
        Route("/infer", about_pictures(infer), methods=["POST"]),
        Route("/read", about_pictures(read_text), methods=["POST"]),
        Route("/v1/chat/completions", served(chat), methods=["POST"]),
        Route("/v1/models", models),
        Route("/v1/models/{name:path}", one_model),
        Route("/v1/audio/transcriptions", served(transcriptions), methods=["POST"]),
        Route("/v1/audio/speech", served(speech), methods=["POST"]),
        Route("/healthz", health),
        Route("/metrics", counts),
        Route("/openapi.json", described),
    ]
    return Part(routes, desk.beside)
