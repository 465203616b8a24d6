"""What AWS's refusals mean, and what to do about them."""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
)

LOCAL = "the local cloud (AWS_ENDPOINT_URL=http://127.0.0.1:9000)"
_BY_TYPE: dict[type[Exception], str] = {
    NoCredentialsError: "choose a profile (AWS_PROFILE) or set keys (AWS_ACCESS_KEY_ID, "
    f"AWS_SECRET_ACCESS_KEY); {LOCAL} takes any",
    NoRegionError: f"say which (AWS_DEFAULT_REGION); {LOCAL} is in us-east-1",
    EndpointConnectionError: "start the local cloud (make serve), or say where it is "
    "(--endpoint-url)",
}
_BY_CODE = {
    "NoSuchBucket": "name the buckets that there are: --inbox and --results",
    "403": "use a role that may do this",
    "AccessDenied": "use a role that may do this",
    "AccessDeniedException": "use a role that may do this",
    "ExpiredToken": "sign in again",
    "ExpiredTokenException": "sign in again",
    "InvalidClientTokenId": "sign in again, or choose another profile (AWS_PROFILE)",
}
OTHERWISE = "it is safe to run the command again"


def advice_on(error: Exception) -> str:
    """What went wrong, in AWS's words, and what to do, in ours; our own errors say both."""
    if not isinstance(error, BotoCoreError | ClientError):
        return str(error)
    if isinstance(error, ClientError):
        return f"{error}; {_BY_CODE.get(error.response['Error']['Code'], OTHERWISE)}"
    return f"{error}; {_BY_TYPE.get(type(error), OTHERWISE)}"
