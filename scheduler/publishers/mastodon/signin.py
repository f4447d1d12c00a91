"""Letting a person log their account in: an app registered on their server, and the code that it shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scheduler.errors import Disconnected, PublishError, Unavailable
from scheduler.publishers.mastodon import account as asking
from scheduler.publishers.mastodon.answer import NoAnswer, before
from scheduler.publishers.mastodon.line import AGENT, Line

if TYPE_CHECKING:
    from typing import Any

    from mastodon import Mastodon

    from scheduler.model import Person
    from scheduler.publishers.mastodon.answer import Answer

APP = "Campaign Scheduler"  # as people see it below the posts
SCOPES = ["read:accounts", "read:statuses", "write:statuses", "write:media"]


def login(account: str, server: str, person: Person) -> dict[str, str]:
    """The secrets to keep. Raises Disconnected when the code is not taken, Unavailable or Rejected before that."""
    client = _registered(account, server)
    with Line(server, account, client=client) as line:
        allow_http = urlsplit(server).scheme == "http"
        page = line.sdk.auth_request_url(scopes=SCOPES, skip_server_info=True, allow_http=allow_http)
        person.tell(f"Open this address in a browser, logged in as the account that is to publish: {page}")
        code = person.ask(f"The code that {line.host} shows after you allow it")
        token = _token(line, code, allow_http=allow_http)
    with Line(server, account, token, client=client) as line:
        me = asking.me(line)
        person.tell(f"Logged in as {asking.name_of(me, line.host)}.")
    return {"client_id": client[0], "client_secret": client[1], "access_token": token}


def _registered(account: str, server: str) -> tuple[str, str]:
    with Line(server, account) as line:
        answer = line.done(lambda sdk: _register(sdk, server))
        data = answer.data if isinstance(answer.data, dict) else {}
        client = data.get("client_id"), data.get("client_secret")
        if not isinstance(client[0], str) or not isinstance(client[1], str):
            text = f"did not register the program. Look at accounts.{account}.server in config.toml"
            raise Unavailable(f"{line.host} {text}.", detail=f"{answer.status}")  # its body may hold a secret
        return client[0], client[1]


def _register(sdk: Mastodon, server: str) -> None:
    sdk.create_app(APP, scopes=SCOPES, api_base_url=server, session=sdk.session, user_agent=AGENT)


def _token(line: Line, code: str, *, allow_http: bool) -> str:
    """The access token for a code. The SDK asks where it is to be had first; the last answer is the one that counts."""
    failure: PublishError
    try:
        answer = line.ask(lambda sdk: sdk.log_in(code=code, scopes=SCOPES, allow_http=allow_http))
        data: Any = answer.data if answer.ok and isinstance(answer.data, dict) else {}
        token = data.get("access_token")
        lacking = _lacking(data)
        if isinstance(token, str) and token and not lacking:
            return token
        failure = _not_taken(line, answer, lacking)
    except NoAnswer as none:
        failure = before(none, line.host, line.account)
    raise failure


def _lacking(data: dict[str, Any]) -> list[str]:
    told = data.get("scope")
    return [s for s in SCOPES if not asking.granted(tuple(told.split()), s)] if isinstance(told, str) else []


def _not_taken(line: Line, answer: Answer, lacking: list[str]) -> PublishError:
    again = f"Run `campaign login {line.account}` again"
    if lacking:
        return Disconnected(f"{line.host} was not allowed to give {', '.join(lacking)}. {again} and allow all of it.")
    if answer.reason:
        return Disconnected(f"{line.host} did not take the code: {answer.reason}. {again} and paste the new one.")
    return Unavailable(f"{line.host} gave no access token ({answer.status}). {again} later.")
