"""Which pages of other origins may call: what the template configures for CORS."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from local.template import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Cors:
    origins: list[str]
    methods: list[str]
    headers: list[str]
    exposed_headers: list[str]
    max_age_s: int

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application behind what answers the browser's questions."""
        return CORSMiddleware(
            app,
            allow_origins=self.origins,
            allow_methods=self.methods,
            allow_headers=self.headers,
            expose_headers=self.exposed_headers,
            max_age=self.max_age_s,
        )


def cors_of(template: Template) -> Cors | None:
    """None where the template configures none."""
    [api] = template.of_type("AWS::ApiGatewayV2::Api")
    configured = template.properties(api, "CorsConfiguration").get("CorsConfiguration")
    if configured is None:
        return None
    return Cors(
        origins=configured["AllowOrigins"],
        methods=configured["AllowMethods"],
        headers=configured["AllowHeaders"],
        exposed_headers=configured["ExposeHeaders"],
        max_age_s=configured["MaxAge"],
    )
