"""What the Bot API says when it does not do what was asked, in its own words."""


class Refusal(Exception):
    """One error answer: HTTP status, the description as Telegram words it, and retry_after in seconds for a 429."""

    def __init__(self, status: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(status, description, retry_after)
        self.status = status
        self.description = description
        self.retry_after = retry_after

    def body(self) -> dict[str, object]:
        """Give the JSON object of the answer (https://core.telegram.org/bots/api#making-requests)."""
        body: dict[str, object] = {"ok": False, "error_code": self.status, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(what: str) -> Refusal:
    return Refusal(400, f"Bad Request: {what}")


def unauthorized() -> Refusal:
    return Refusal(401, "Unauthorized")


def blocked() -> Refusal:
    return Refusal(403, "Forbidden: bot was blocked by the user")


def not_found() -> Refusal:
    return Refusal(404, "Not Found")


def other_poller() -> Refusal:
    return Refusal(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")


def too_many_requests(retry_after: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {retry_after}", retry_after)


def not_modified() -> Refusal:
    return bad_request(
        "message is not modified: specified new message content and reply markup are exactly the same as a current "
        "content and reply markup of the message"
    )


def query_unknown() -> Refusal:
    return bad_request("query is too old and response timeout expired or query ID is invalid")
