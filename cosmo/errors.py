"""Errors a caller can act on: each carries its HTTP status, a stable type and a sentence."""

from typing import Any, ClassVar


class CosmoError(Exception):
    """Base of every refusal. `detail` is a sentence for a person; `extra` joins the problem+json body."""

    status: ClassVar[int] = 400
    type: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "This request cannot be carried out"
    exit_code: ClassVar[int] = 1
    """What a command that was refused ends with."""

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class NotFound(CosmoError):
    """Also the answer to somebody else's id: what one may not see does not exist."""

    status, type, title = 404, "not-found", "Nothing is here"


class NotAllowed(CosmoError):
    status, type, title = 403, "not-allowed", "Your role may not do this"


class SignInNeeded(CosmoError):
    status, type, title = 401, "sign-in-needed", "Please sign in"


class Conflict(CosmoError):
    status, type, title = 409, "conflict", "This is not possible now"


class Invalid(CosmoError):
    status, type, title = 422, "invalid", "Something needs another value"


class TooMany(CosmoError):
    status, type, title = 429, "too-many-requests", "Too many requests"
