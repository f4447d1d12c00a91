"""The verbs of Bluesky's adapter. Imports the SDK; see bluesky.py."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scheduler.errors import PublishError, Rejected, Unavailable, Unconfirmed
from scheduler.model import CannotTell, Health, NotThere, Published
from scheduler.publishers.bluesky import record as records
from scheduler.publishers.bluesky import wire
from scheduler.publishers.bluesky.answers import Answer, Reply, Silence, TokenRefused, failure, spent
from scheduler.publishers.bluesky.facets import facets, linked
from scheduler.publishers.bluesky.session import TOO_MUCH, need_active, scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scheduler.model import Account, Found, Message
    from scheduler.publishers.bluesky.session import Sessions, Tokens


class Bluesky:
    """A publisher. See `scheduler.model.Publisher`."""

    def __init__(self, account: Account, sessions: Sessions) -> None:
        self._account = account
        self._sessions = sessions

    def __repr__(self) -> str:
        return f"Bluesky({self._account.name})"

    def prepare(
        self,
        message: Message,
        images: tuple[bytes, ...],
        key: str,  # noqa: ARG002  Bluesky's own guard is the record key
        *,
        thread: tuple[str, ...] = (),
        earlier: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Upload the pictures and write the record whole: its key and its time are those of `earlier`."""
        records.judge(message, images)
        pairs = zip(message.images, images, strict=True)
        blobs = [self._upload(packed, image.mime) for image, packed in pairs]
        tokens = self._sessions.fresh()
        now = datetime.now(UTC)
        guard = earlier if earlier and earlier.get("repo") == tokens.did else None
        rkey = guard["rkey"] if guard else records.tid(time.time_ns() // 1000, secrets.randbelow(1024))
        created = guard["record"]["createdAt"] if guard else records.stamp(now)
        found = facets(message.text)
        people = {m.lower(): self._who(tokens, m) for kind, m, _, _ in found if kind == "mention"}
        record = records.record(
            message,
            created,
            blobs=blobs,
            facets=linked(found, {handle: did for handle, did in people.items() if did}),
            reply=self._reply(tokens, thread),
        )
        return {"repo": tokens.did, "pds": tokens.pds, "handle": tokens.handle, "rkey": rkey, "record": record}

    def _upload(self, packed: bytes, mime: str) -> dict[str, Any]:
        """The server's name for a picture. A token that is refused is renewed once."""
        for _ in range(2):
            tokens = self._sessions.fresh()
            reply = wire.upload_blob(tokens.pds, tokens.access, packed, mime)
            blob = reply.fields.get("blob") if isinstance(reply, Answer) and reply.ok else None
            if isinstance(blob, dict) and isinstance(blob.get("ref"), dict):
                return blob
            error = _before(reply, self._account.name, "an upload")
            if isinstance(error, TokenRefused):
                error = self._sessions.refused(tokens, error)
            if not isinstance(error, TokenRefused):
                break
        raise error

    def _who(self, tokens: Tokens, handle: str) -> str:
        """The DID behind a handle; empty when nobody has it, and then the mention stays plain."""
        reply = wire.resolve_handle(tokens.pds, handle)
        if isinstance(reply, Answer) and reply.ok and str(reply.fields.get("did", "")).startswith("did:"):
            return str(reply.fields["did"])
        if isinstance(reply, Answer) and reply.status in (400, 404) and reply.error:
            return ""
        raise _before(reply, self._account.name, "the question whose a handle is")

    def _reply(self, tokens: Tokens, thread: tuple[str, ...]) -> dict[str, Any] | None:
        """What the post answers: the thread's first part, and its last. They are all ours."""
        if not thread:
            return None
        ends = [self._part(tokens, part) for part in dict.fromkeys((thread[0], thread[-1]))]
        return {"root": ends[0], "parent": ends[-1]}

    def _part(self, tokens: Tokens, part: str) -> dict[str, str]:
        rkey = part.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]
        reply = wire.get_record(tokens.pds, tokens.did, rkey)
        if isinstance(reply, Answer) and reply.ok:
            name, cid = reply.fields.get("uri"), reply.fields.get("cid")
            if name == records.uri(tokens.did, rkey) and isinstance(cid, str):
                return {"uri": name, "cid": cid}
        if isinstance(reply, Answer) and reply.error == "RecordNotFound":
            text = f"The part of the thread before this one is not on Bluesky any more ({part})."
            raise Rejected(text, detail=reply.detail)
        raise _before(reply, self._account.name, "a look at the thread")

    def publish(self, prepared: Mapping[str, Any]) -> Published:
        """Create the record, by one request. A refusal is held against what is there before it is believed."""
        tokens = self._sessions.current()
        if tokens is None or (tokens.did, tokens.pds) != (prepared["repo"], prepared["pds"]):
            raise Unavailable("The sign-in to Bluesky changed after this was prepared; it is prepared again.")
        repo, rkey = str(prepared["repo"]), str(prepared["rkey"])
        reply = wire.create_record(tokens.pds, tokens.access, repo, rkey, prepared["record"])
        if isinstance(reply, Answer) and reply.ok and reply.fields.get("uri") == records.uri(repo, rkey):
            return _published(prepared, reply)
        error = failure(reply, self._account.name, public=True)
        if isinstance(error, TokenRefused):
            error = self._sessions.refused(tokens, error)
        elif isinstance(error, Rejected):  # another kind of server may refuse a repeat like this
            found = self._seen(prepared)
            if isinstance(found, Published):
                return found
            if not isinstance(found, NotThere):
                raise Unconfirmed(f"{error.text} But it may have been a repeat: {found.reason}", detail=error.detail)
        raise error

    def _seen(self, prepared: Mapping[str, Any]) -> Found:
        """What a look brings; one that fails cannot tell."""
        try:
            return self.find(prepared)
        except PublishError as error:
            return CannotTell(error.text)

    def find(self, prepared: Mapping[str, Any]) -> Found:
        """Read the record key where it was sent to. Anybody may, so no sign-in is needed."""
        reply = wire.get_record(str(prepared["pds"]), str(prepared["repo"]), str(prepared["rkey"]))
        if isinstance(reply, Answer):
            if reply.ok:
                return _compared(prepared, reply)
            if reply.status == 400 and reply.error == "RecordNotFound":  # noqa: PLR2004
                return NotThere()
            if reply.error and reply.status < 429:  # noqa: PLR2004
                return CannotTell(f"Bluesky says: {reply.words}.")
        raise _before(reply, self._account.name, "a look for the post")

    def check(self) -> Health:
        """Renew the sign-in: what that says holds for the coming weeks too, a token at hand only for two hours.

        It tells no end: a session that ends is followed by one that the app password gets, and that has none.
        """
        who = self._sessions.identifier
        tokens, problem = _tried(self._sessions.renewed)
        if tokens is None:
            return Health(who, problem=problem)
        _, problem = _tried(lambda: need_active(tokens, self._account.name))
        own = scope(tokens) == "com.atproto.access"
        return Health(tokens.handle or who, ("read", "write"), None, problem, (TOO_MUCH,) if own else ())


def _tried(step: Callable[[], Any]) -> tuple[Any, str]:
    """What a step brings, and the sentence of its failure."""
    try:
        return step(), ""
    except PublishError as error:
        return None, error.text


def _before(reply: Reply, account: str, what: str) -> PublishError:
    """What went wrong with a request that makes nothing public."""
    if isinstance(reply, Silence) or not reply.ok:
        return failure(reply, account, public=False)
    return Unavailable(f"Bluesky's answer to {what} cannot be read.", detail=reply.detail)


def _published(prepared: Mapping[str, Any], reply: Answer) -> Published:
    repo, rkey = str(prepared["repo"]), str(prepared["rkey"])
    where = records.page(str(prepared["handle"]), repo, rkey)
    return Published(records.uri(repo, rkey), where, wait_until=spent(reply))


def _compared(prepared: Mapping[str, Any], reply: Answer) -> Found:
    """Whether what stands at the key is what was prepared."""
    fields = reply.fields
    try:
        named = fields["uri"] == records.uri(str(prepared["repo"]), str(prepared["rkey"]))
        same = records.shown(fields["value"]) == records.shown(prepared["record"])
    except (KeyError, TypeError, AttributeError):
        return CannotTell("Bluesky's answer cannot be read.")
    if named and same:
        return _published(prepared, Answer(200))
    return CannotTell("at its place on Bluesky stands a post that is not the one prepared.")
