"""Mastodon, and what speaks its language: GoToSocial, Pixelfed and others.

What keeps a post from going out twice is different with each: an idempotency key that Mastodon remembers for an hour
(4.6.0 to 4.7.1 answer its second use with an error, others ignore it), uploads that can be in one post only, and the
account's own list of posts, which is read before anything is sent again.

Sources, and how to read them: docs/networks.md.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scheduler.errors import ConfigError, Disconnected, PublishError, Rejected, Unavailable, Unconfirmed
from scheduler.model import CannotTell, Count, Health, Limits, NotThere, Published
from scheduler.publishers._server import server_of
from scheduler.publishers.mastodon import post

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from scheduler.model import Account, Found, Message, Person, Secret
    from scheduler.publishers.mastodon.answer import Answer
    from scheduler.publishers.mastodon.line import Line
    from scheduler.publishers.mastodon.server import Facts

LIMITS = Limits(
    text=500,
    count=Count.MASTODON,
    url_length=23,
    images=4,
    image_bytes=16_777_216,
    image_formats=("png", "jpeg"),
    card_size=(1200, 675),
    crops=(("square thumbnails", 1.0),),
    alt=1500,
    alt_count=Count.GRAPHEMES,
    # Before 4.6 a repeat that comes while the first request still runs is not recognised by its key: the default of
    # settle_after, 60 s, is longer than a server lets a request run. Where the key is ignored and there is no picture
    # (GoToSocial, Pixelfed), only the list of posts tells, and a copy of a database may lag: so it is read twice.
    settle_reads=2,
    threads=True,
)
EXAMPLE = "https://mastodon.example"
SECRETS = ("access_token",)  # beside it: client_id and client_secret, with which the login can be taken back

VISIBILITIES = ("public", "unlisted", "private")
SENSITIVE = {"graphic-media", "porn", "sexual", "nudity", "sensitive"}  # self labels, as Bluesky names them


def limits(account: Account) -> Limits:
    """The limits of the account's own server: `max_characters` in config.toml, 500 without it."""
    characters = account.options.get("max_characters", LIMITS.text)
    if type(characters) is not int or characters < 1:
        raise ConfigError(
            f"accounts.{account.name}.max_characters is {characters!r}; it must be a whole number, such as 500."
        )
    return replace(LIMITS, text=characters)


def connect(
    account: Account,
    secret: Secret,
    *,
    root: Path,  # noqa: ARG001  nothing is kept in the project
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Fediverse:
    """The publisher of an account. Raises ConfigError for a wrong setting; asks the server nothing."""
    visibility = account.options.get("visibility", "public")
    if visibility not in VISIBILITIES:
        raise ConfigError(f"accounts.{account.name}.visibility is {visibility!r}; it must be one of {VISIBILITIES}.")
    sensitive = account.options.get("sensitive", False)
    if not isinstance(sensitive, bool):
        raise ConfigError(f"accounts.{account.name}.sensitive is {sensitive!r}; it must be true or false.")
    own = limits(account)
    return Fediverse(
        account.name, server_of(account, example=EXAMPLE), secret, own, visibility, sensitive=sensitive, now=now
    )


def login(account: Account, person: Person) -> dict[str, str]:
    """Ask a person to let us in at their server, by the code that it shows them; the secrets to keep."""
    from scheduler.publishers.mastodon import signin  # noqa: PLC0415  the SDK is loaded when it is used

    return signin.login(account.name, server_of(account, example=EXAMPLE), person)


class Fediverse:
    """A publisher. What it remembers of the server and the account between calls is asked anew with a new token."""

    def __init__(
        self,
        name: str,
        server: str,
        secret: Secret,
        own: Limits,
        visibility: str,
        *,
        sensitive: bool,
        now: Callable[[], datetime],
    ) -> None:
        self.name = name
        self.server = server
        self.host = urlsplit(server).netloc
        self.limits = own
        self.visibility = visibility
        self.sensitive = sensitive
        self.now = now
        self._secret = secret
        self._known: tuple[str, Facts, dict[str, Any]] | None = None  # the token with which they were asked

    def __repr__(self) -> str:
        return f"Fediverse({self.name!r}, {self.server!r})"

    def _line(self) -> Line:
        from scheduler.publishers.mastodon.line import Line  # noqa: PLC0415  the SDK is loaded when it is used

        token = self._secret.get("access_token")
        mend = f"Run `campaign login {self.name}`."
        if not token:
            raise Disconnected(f"The account {self.name} has no access token. {mend}")
        if not re.fullmatch(r"[\x21-\x7e]+", token):  # what cannot stand in a header would be quoted in an error
            raise Disconnected(f"The access token of the account {self.name} has a character that none has. {mend}")
        return Line(self.server, self.name, token)

    def prepare(
        self,
        message: Message,
        images: tuple[bytes, ...],
        key: str,
        *,
        thread: tuple[str, ...] = (),
        earlier: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """See Publisher: ask the server what it takes, send the pictures up, note where the account's list stands."""
        from scheduler.publishers.mastodon import account as asking  # noqa: PLC0415
        from scheduler.publishers.mastodon import find as finding  # noqa: PLC0415
        from scheduler.publishers.mastodon.server import misfit  # noqa: PLC0415

        if earlier and earlier["server"] != self.server:
            raise Unconfirmed(f"An earlier try was for {earlier['server']}, and config.toml now names {self.server}.")
        with self._line() as line:
            facts, me = self._facts_and_me(line)
            unfit = misfit(message, facts, self.limits, self.host)
            if unfit:
                raise Rejected(unfit)
            guard = earlier if earlier and earlier["account_id"] == str(me["id"]) else None
            start = str(guard["since_id"]) if guard else finding.newest(line, str(me["id"]))
            uploads = self._uploads(line, message, images, guard)
        prepared = {
            "key": str(guard["key"]) if guard else key,
            **self._as_people_see_it(message),
            "reply_to": post.reply_to(thread),
            **uploads,
            "server": self.server,
            "account_id": str(me["id"]),
            "who": asking.name_of(me, self.host),
            "acct_url": str(me.get("url") or ""),
            "since_id": start,
            "software": facts.software,
            "version": facts.version,
            "prepared_at": self.now().astimezone(UTC).isoformat(),
        }
        return {**prepared, "older": post.older(guard, prepared)}

    def _as_people_see_it(self, message: Message) -> dict[str, Any]:
        return {
            "text": message.text,
            "spoiler": message.warning,
            "sensitive": self.sensitive or bool(SENSITIVE & set(message.labels)),
            "language": post.language(message.lang),
            "visibility": self.visibility,
        }

    def _uploads(
        self, line: Line, message: Message, images: tuple[bytes, ...], guard: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        from scheduler.publishers.mastodon import media  # noqa: PLC0415

        wanted = media.pictures(message.images)
        if guard and guard["media_ids"]:
            ids = media.kept(line, guard, wanted, self.now())
            if ids:
                return {"media_ids": ids, "pictures": wanted, "uploaded_at": guard["uploaded_at"]}
        moment = self.now().astimezone(UTC).isoformat()  # before the first, which is the first to be deleted
        pairs = enumerate(zip(message.images, images, strict=True), 1)
        ids = [media.send(line, image, packed, number) for number, (image, packed) in pairs]
        return {"media_ids": ids, "pictures": wanted, "uploaded_at": moment}

    def publish(self, prepared: Mapping[str, Any]) -> Published:
        """See Publisher. The one request is `POST /api/v1/statuses`."""
        from scheduler.publishers.mastodon import find as finding  # noqa: PLC0415
        from scheduler.publishers.mastodon.answer import NoAnswer, after  # noqa: PLC0415

        with self._line() as line:
            if self._is_others(line, prepared):
                raise Unavailable("The login changed after this was prepared; it is prepared again.")
            try:
                answer: Answer | NoAnswer = line.ask(
                    lambda sdk: sdk.status_post(
                        prepared["text"],
                        in_reply_to_id=prepared["reply_to"] or None,
                        media_ids=list(prepared["media_ids"]) or None,
                        sensitive=prepared["sensitive"],
                        visibility=prepared["visibility"],
                        spoiler_text=prepared["spoiler"] or None,
                        language=prepared["language"] or None,
                        idempotency_key=prepared["key"],
                    )
                )
            except NoAnswer as none:
                answer = none
            made = None if isinstance(answer, NoAnswer) or not answer.ok else post.post_of(answer.data)
            if made is None or isinstance(answer, NoAnswer):
                failure = after(answer, self.host, self.name, prepared)
            elif finding.is_another(line, made, prepared):
                text = f"{self.host} answered with another post of the same key."
                failure = Unconfirmed(text, detail=answer.detail)
            elif not finding.has_pictures(made, prepared):
                failure = Unconfirmed(f"{self.host} made the post without its pictures.", detail=answer.detail)
            else:
                pause = answer.waits_until if answer.remaining == 0 else None
                return Published(str(made["id"]), post.address(made, prepared), wait_until=pause)
        raise failure

    def _is_others(self, line: Line, prepared: Mapping[str, Any]) -> bool:
        """Whether another login than the present one prepared it, as far as that is known without asking."""
        if prepared["server"] != self.server:
            return True
        known = self._known
        if known is None:
            return False
        return (known[0], str(known[2]["id"])) != (line.sdk.access_token, prepared["account_id"])

    def find(self, prepared: Mapping[str, Any]) -> Found:
        """See Publisher. By the account's own list, never by a repeat: some servers answer that with an error."""
        from scheduler.publishers.mastodon import account as asking  # noqa: PLC0415
        from scheduler.publishers.mastodon import find as finding  # noqa: PLC0415

        if prepared["server"] != self.server:  # the same id is somebody else's there
            return CannotTell(f"it was sent to {prepared['server']}, and config.toml now names another server.")
        with self._line() as line:
            me = asking.me(line)  # a suspended account's list is empty: who cannot log in cannot tell
            if str(me["id"]) != prepared["account_id"]:
                now = asking.name_of(me, self.host)
                return CannotTell(f"it was sent as {prepared['who']}, and the login is now {now}'s.")
            found = finding.search(line, prepared)
            if isinstance(found, (NotThere, CannotTell)):
                return found
            return Published(str(found["id"]), post.address(found, prepared))

    def check(self) -> Health:
        """See Publisher: who it is, what its token may do, and what its server says of itself."""
        from scheduler.publishers.mastodon import account as asking  # noqa: PLC0415

        try:
            with self._line() as line:
                facts, me = self._facts_and_me(line, anew=True)
                told = asking.scopes(line)
        except PublishError as error:
            return Health("", problem=error.text)
        who = asking.name_of(me, facts.domain or self.host)
        may = tuple(words for right, words in asking.NEEDED.items() if asking.granted(told, right))
        lacking = [f"{words} ({right})" for right, words in asking.NEEDED.items() if words not in may] if told else []
        mend = f"Run `campaign login {self.name}`."
        problem = f"The login may not {' or '.join(lacking)}. {mend}" if lacking else ""
        return Health(who, rights=may, problem=problem, warnings=tuple(self._warnings(facts, me, who)))

    def _warnings(self, facts: Facts, me: Mapping[str, Any], who: str) -> list[str]:
        found = []
        if me.get("bot") is False:
            text = "does not say that it is automated, which many servers ask for: tick that in its profile's settings"
            found.append(f"{who} {text}.")
        if facts.characters is not None and facts.characters != self.limits.text:
            text = f"takes {facts.characters:,} characters, and config.toml counts on {self.limits.text:,}"
            found.append(f"{self.host} {text}: set accounts.{self.name}.max_characters = {facts.characters}.")
        if facts.alt is not None and facts.alt < self.limits.alt:
            found.append(f"{self.host} takes alt texts of {facts.alt:,} characters, fewer than others do.")
        return found

    def _facts_and_me(self, line: Line, *, anew: bool = False) -> tuple[Facts, dict[str, Any]]:
        """What the server is and who we are there; asked once for each token."""
        from scheduler.publishers.mastodon import account as asking  # noqa: PLC0415

        token, known = str(line.sdk.access_token), self._known  # not asked of the secrets: it may be a new one by now
        if anew or known is None or known[0] != token:
            known = (token, asking.facts(line), asking.me(line))
            self._known = known
        return known[1], known[2]
