"""Bluesky's adapter against Bluesky's own server, killed, cut off and out of order as it may be."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import logging
import re
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image as Picture

from scheduler.errors import (
    ConfigError,
    Disconnected,
    PublishError,
    RateLimited,
    Rejected,
    Unavailable,
    Unconfirmed,
)
from scheduler.model import Account, CannotTell, Image, Message, NotThere, Published
from scheduler.publishers import _timing, bluesky
from scheduler.publishers._careful import TALKATIVE
from scheduler.publishers.bluesky.answers import Answer, failure, wait_until
from scheduler.publishers.bluesky.record import BASE32, stamp, tid
from scheduler.publishers.bluesky.session import Sessions, Tokens, _home, claims, unpacked
from tests.fakes import Kept
from tests.networks import bluesky as here
from tests.servers import pds
from tests.servers.cutting import HOW, Cutting, Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = "abcdefghijklmnopqrstuvwxyz234567"
TEXT = (
    "1 in 6 runaways 👩‍👩‍👧 (NCMEC, 2024). Read https://lantern.example.com/a, or call 1-888-373-7888. #EndTrafficking"
)
WRONG = "zzzz-yyyy-xxxx-wwww"
SIGN_IN = "com.atproto.server.createSession"
REFRESH = "com.atproto.server.refreshSession"


def pictures(*sizes: tuple[int, int], form: str = "PNG") -> tuple[tuple[Image, ...], tuple[bytes, ...]]:
    made, files = [], []
    for number, size in enumerate(sizes):
        out = io.BytesIO()
        Picture.new("RGB", size, (number * 40, 90, 200)).save(out, form)
        packed = out.getvalue()
        digest = hashlib.sha256(packed).hexdigest()
        alt = f"Card {number}: “1 in 6” — é 👩‍👧"
        made.append(Image(digest, f"images/{number}.png", f"image/{form.lower()}", *size, len(packed), alt))
        files.append(packed)
    return tuple(made), tuple(files)


def message(text: str = TEXT, **more: Any) -> Message:  # noqa: ANN401
    return Message("bluesky", "bluesky", text, **more)


def calls(root: Path, method: str) -> int:
    return sum(method in seen.path for seen in here.proxy(root).seen)


def records(root: Path) -> list[dict[str, Any]]:
    return [one["value"] for one in pds.shared().posts(here.person(root).did)]


def session(root: Path) -> dict[str, Any]:
    return dict(json.loads(here.secret(root).get("session")))


def hold(root: Path, **changed: str) -> None:
    """Change the session that is kept."""
    here.secret(root).keep("session", json.dumps({**session(root), **changed}))


def token(did: str, secret: str, *, ends: int) -> str:
    """An access token as the server makes it, which ends so many seconds from now."""

    def part(fields: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")

    now = int(time.time())
    body = {
        "scope": "com.atproto.appPass",
        "aud": "did:web:localhost",
        "sub": did,
        "iat": now - 7200,
        "exp": now + ends,
    }
    signed = f"{part({'typ': 'at+jwt', 'alg': 'HS256'})}.{part(body)}"
    proof = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(proof).decode().rstrip('=')}"


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Nobody waits half a minute for an answer that never comes; for one that does, as long as it takes."""

    def short(how: str) -> None:
        for name in ("READ", "UPLOAD"):
            monkeypatch.setattr(_timing, name, 0.5 if how.startswith("hang") else 30.0)

    return short


# What goes out is what is there.


def test_all_that_was_prepared_is_read_back_to_the_byte(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    images, files = pictures((1200, 675), (40, 50), (50, 40), (30, 30))
    prepared = publisher.prepare(message(images=images, lang="en", labels=("graphic-media",)), files, KEY)
    published = publisher.publish(json.loads(json.dumps(prepared)))

    (record,) = records(tmp_path)
    assert record == prepared["record"]
    assert record["text"] == TEXT
    assert record["langs"] == ["en"]
    assert record["labels"]["values"] == [{"val": "graphic-media"}]
    shown = record["embed"]["images"]
    assert [i["alt"] for i in shown] == [i.alt for i in images]
    assert [(i["aspectRatio"]["width"], i["aspectRatio"]["height"]) for i in shown] == [
        (1200, 675), (40, 50), (50, 40), (30, 30),
    ]  # fmt: skip
    for one, packed in zip(shown, files, strict=True):
        blob = pds.shared().get(
            "com.atproto.sync.getBlob", did=here.person(tmp_path).did, cid=one["image"]["ref"]["$link"]
        )
        assert blob.content == packed
        assert one["image"]["mimeType"] == "image/png"
    linked = [(f["features"][0], f["index"]["byteStart"], f["index"]["byteEnd"]) for f in record["facets"]]
    assert [TEXT.encode()[start:end].decode() for _, start, end in linked] == [
        "https://lantern.example.com/a", "#EndTrafficking",
    ]  # fmt: skip
    who = here.person(tmp_path)
    assert published.id == f"at://{who.did}/app.bsky.feed.post/{prepared['rkey']}"
    assert published.url == f"https://bsky.app/profile/{who.handle}/post/{prepared['rkey']}"
    assert publisher.find(prepared) == published


def test_a_jpeg_goes_out_as_one(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    images, files = pictures((64, 48), form="JPEG")
    publisher.publish(publisher.prepare(message(images=images), files, KEY))
    assert records(tmp_path)[0]["embed"]["images"][0]["image"]["mimeType"] == "image/jpeg"


def test_a_mention_is_of_the_account_behind_the_handle_and_of_nobody_stays_plain(tmp_path: Path) -> None:
    other = pds.shared().person("polaris")
    publisher = here.connect(tmp_path)
    publisher.publish(publisher.prepare(message("Thanks @polaris.test and @nobody-at-all.test!"), (), KEY))
    (facet,) = records(tmp_path)[0]["facets"]
    assert facet["features"] == [{"$type": "app.bsky.richtext.facet#mention", "did": other.did}]
    assert facet["index"] == {"byteStart": 7, "byteEnd": 20}


def test_words_that_only_look_like_a_link_do_not_cost_the_post(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    publisher.publish(publisher.prepare(message("https:///x #" + ("a" + "\u0301" * 5) * 60), (), KEY))
    assert "facets" not in records(tmp_path)[0]


def test_a_thread_answers_its_first_part_and_the_one_before(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    first = publisher.publish(publisher.prepare(message("One."), (), KEY))
    second = publisher.publish(publisher.prepare(message("Two."), (), KEY, thread=(first.id,)))
    publisher.publish(publisher.prepare(message("Three."), (), KEY, thread=(first.url, second.url + "?ref=x")))
    one, two, three = pds.shared().posts(here.person(tmp_path).did)
    assert two["value"]["reply"] == {"root": of(one), "parent": of(one)}
    assert three["value"]["reply"] == {"root": of(one), "parent": of(two)}


def of(record: dict[str, Any]) -> dict[str, str]:
    return {"uri": record["uri"], "cid": record["cid"]}


def test_a_part_whose_thread_is_gone_is_refused_with_its_name(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    with pytest.raises(Rejected, match=r"The part of the thread before this one is not on Bluesky any more"):
        publisher.prepare(message("Two."), (), KEY, thread=("https://bsky.app/profile/a.test/post/3jzfcijpj2z2a",))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (message("é" * 301), "Bluesky takes 300 characters; the text has 301."),
        (message("👩‍👩‍👧‍👧" * 121), "Bluesky takes 3,000 bytes of text; this one has 3,025. Use fewer emoji."),
        (message(labels=("nudity", "spoiler")), "Bluesky does not know the label spoiler. Its labels are porn,"),
        (message("half \ud83d"), "half of a character"),
        (message(images=pictures((1, 1))[0]), "not the same number"),
    ],
)
def test_what_bluesky_does_not_take_is_refused_before_anything_is_sent(
    wrong: Message, says: str, tmp_path: Path
) -> None:
    publisher = here.connect(tmp_path)
    with pytest.raises(Rejected) as caught:
        publisher.prepare(wrong, (), KEY)
    assert says in caught.value.text
    assert here.proxy(tmp_path).seen == []


def test_a_picture_too_large_or_not_the_approved_one_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    images, files = pictures((9, 9))
    with pytest.raises(Rejected, match="not the one that was approved"):
        publisher.prepare(message(images=images), (files[0] + b"x",), KEY)
    large = b"x" * 2_000_001
    image = replace(images[0], sha256=hashlib.sha256(large).hexdigest(), size=len(large))
    with pytest.raises(Rejected, match=r"pictures of 2,000,000 bytes; images/0\.png has 2,000,001\."):
        publisher.prepare(message(images=(image,)), (large,), KEY)
    five = pictures(*[(n, n) for n in range(1, 6)])
    with pytest.raises(Rejected, match="Bluesky takes 4 pictures; the post has 5"):
        publisher.prepare(message(images=five[0]), five[1], KEY)
    assert here.proxy(tmp_path).seen == []


@pytest.mark.parametrize("letters", ["é" * 300, "👩‍👩‍👧‍👧" * 120])
def test_the_longest_text_goes_out(letters: str, tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    publisher.publish(publisher.prepare(message(letters), (), KEY))
    assert records(tmp_path)[0]["text"] == letters


# Once only.


def test_a_record_key_is_of_the_time_and_sorts_by_it() -> None:
    assert tid(0, 0) == "2222222222222"  # https://atproto.com/specs/tid
    value = int("".join(f"{BASE32.index(c):05b}" for c in "3jzfcijpj2z2a"), 2)
    assert tid(value >> 10, value & 1023) == "3jzfcijpj2z2a"
    assert tid(1, 1023) < tid(2, 0) < tid(1 << 40, 5) < tid((1 << 53) - 1, 1023)
    assert stamp(datetime(2027, 1, 9, 15, 0, 0, 7999, tzinfo=UTC)) == "2027-01-09T15:00:00.007Z"


def test_a_repeat_is_answered_500_and_then_found(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    first = publisher.publish(prepared)
    with pytest.raises(Unconfirmed, match=r"\(500\) .* answers a repeat in the same way"):
        publisher.publish(prepared)
    assert here.proxy(tmp_path).seen[-1].upstream == 500
    assert publisher.find(prepared) == first
    assert len(records(tmp_path)) == 1


@pytest.mark.parametrize("how", ["redirect", "not-redirect", "500", "lost"])
def test_publishing_is_one_request_whatever_the_answer(how: str, tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    here.proxy(tmp_path).forget()
    here.proxy(tmp_path).plan(Fault(how, on=here.PUBLISH))
    with pytest.raises(Unconfirmed):
        publisher.publish(prepared)
    (seen,) = here.proxy(tmp_path).seen
    assert json.loads(seen.body)["record"] == prepared["record"]


def test_a_new_try_keeps_the_key_and_the_time_even_of_other_words(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    first = publisher.prepare(message(), (), KEY)
    again = publisher.prepare(message("Mended."), (), KEY, earlier=json.loads(json.dumps(first)))
    assert (again["rkey"], again["record"]["createdAt"]) == (first["rkey"], first["record"]["createdAt"])
    assert publisher.prepare(message(), (), KEY)["rkey"] != first["rkey"]
    publisher.publish(first)  # the lost one comes after all
    with pytest.raises(Unconfirmed):
        publisher.publish(again)
    assert publisher.find(again) == CannotTell("at its place on Bluesky stands a post that is not the one prepared.")
    assert [r["text"] for r in records(tmp_path)] == [TEXT]


def test_the_key_of_another_account_is_not_taken_over(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    first = publisher.prepare(message(), (), KEY)
    moved = publisher.prepare(message(), (), KEY, earlier={**first, "repo": "did:plc:somebodyelse"})
    assert moved["rkey"] != first["rkey"]


def test_a_refusal_of_what_is_there_is_no_failure(tmp_path: Path) -> None:
    """A server that checks before it looks whether the key is taken answers a repeat with 400."""
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    first = publisher.publish(prepared)
    spoilt = {**prepared, "record": {**prepared["record"], "langs": ["no language at all"]}}
    assert publisher.publish(spoilt) == first
    assert here.proxy(tmp_path).seen[-2].upstream == 400


@pytest.mark.parametrize("how", ["drop", "500", "html", "null", "429-bare"])
def test_a_refusal_of_what_may_be_a_repeat_proves_nothing_when_the_look_fails(how: str, tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    first = publisher.publish(prepared)
    spoilt = {**prepared, "record": {**prepared["record"], "langs": ["no language at all"]}}
    here.proxy(tmp_path).plan(Fault(how, on="getRecord"))
    with pytest.raises(Unconfirmed, match=r"^Bluesky refused it: .*\. But it may have been a repeat: .*\.$"):
        publisher.publish(spoilt)
    assert publisher.find(prepared) == first


def test_a_refusal_of_what_stands_there_in_other_words_is_unconfirmed(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    publisher.publish(prepared)
    again = publisher.prepare(message("Mended."), (), KEY, earlier=prepared)
    again["record"]["langs"] = ["no language at all"]
    with pytest.raises(Unconfirmed, match="stands a post that is not the one prepared"):
        publisher.publish(again)


def test_what_the_server_refuses_is_rejected_in_its_words(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    prepared["record"]["langs"] = ["no language at all"]
    with pytest.raises(Rejected, match=r"^Bluesky refused it: .*langs.*\.$"):
        publisher.publish(prepared)
    assert records(tmp_path) == []


def test_a_picture_that_the_server_lost_is_uploaded_again(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    images, files = pictures((9, 9))
    prepared = publisher.prepare(message(images=images), files, KEY)
    gone = json.loads(json.dumps(prepared))
    gone["record"]["embed"]["images"][0]["image"]["ref"]["$link"] = (
        "bafkreibme22gw2h7y2h7tg2fhqotaqjucnbc24deqo72b6mkl2egezxhvy"
    )
    with pytest.raises(Unavailable, match="no longer has the uploaded picture"):
        publisher.publish(gone)
    again = publisher.prepare(message(images=images), files, KEY, earlier=gone)
    assert again == prepared
    assert isinstance(publisher.publish(again), Published)


def test_a_post_that_was_taken_down_is_told_of(tmp_path: Path) -> None:
    publisher, who = here.connect(tmp_path), here.person(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    publisher.publish(prepared)
    (one,) = pds.shared().posts(who.did)
    take_down({"$type": "com.atproto.repo.strongRef", **of(one)})
    assert publisher.find(prepared) == NotThere()
    with pytest.raises(Unconfirmed, match="and a post that was taken down: if this goes on, look at the account"):
        publisher.publish(prepared)


def take_down(subject: dict[str, str], *, applied: bool = True) -> None:
    fields = {"subject": subject, "takedown": {"applied": applied, "ref": "1"}}
    pds.shared().admin("com.atproto.admin.updateSubjectStatus", fields)


@pytest.mark.parametrize("method", ["uploadBlob", "getRecord", "resolveHandle"])
def test_whatever_happens_while_preparing_nothing_is_public_and_the_next_try_works(
    method: str, tmp_path: Path, patience: Callable[[str], None]
) -> None:
    publisher = here.connect(tmp_path)
    root = publisher.publish(publisher.prepare(message("One."), (), KEY))
    images, files = pictures((9, 9))
    two = message("Two, by @nobody-at-all.test.", images=images)
    for how in HOW:
        patience(how)
        here.proxy(tmp_path).plan(Fault(how, on=method))
        try:
            publisher.prepare(two, files, KEY, thread=(root.id,))
        except PublishError as error:
            assert isinstance(error, RateLimited if how.startswith("429") else Unavailable), (how, error)  # noqa: PT017
            assert error.text.endswith(".")  # noqa: PT017
        else:
            assert how == "garbage-limits"
    patience("")
    assert len(records(tmp_path)) == 1
    publisher.publish(publisher.prepare(two, files, KEY, thread=(root.id,)))
    assert [r["text"] for r in records(tmp_path)] == ["One.", two.text]


def test_the_server_killed_right_after_it_stored_the_post_has_it(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    images, files = pictures((9, 9))
    prepared = publisher.prepare(message(images=images), files, KEY)
    proxy = here.proxy(tmp_path)
    proxy.on_fault = lambda _fault, _seen: here.kill_server(tmp_path)
    proxy.plan(Fault("lost", on=here.PUBLISH))
    try:
        with pytest.raises(Unconfirmed):
            publisher.publish(prepared)
        proxy.on_fault = None
        with pytest.raises(Unavailable):
            publisher.find(prepared)
    finally:
        here.start_server(tmp_path)
    assert isinstance(publisher.find(prepared), Published)
    assert here.public(tmp_path) == [(TEXT, (images[0].alt,))]


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03, 0.08])
def test_the_server_killed_while_it_works_leaves_one_post_or_none(delay: float, tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    killer = threading.Timer(delay, here.kill_server, (tmp_path,))
    killer.start()
    said: Published | PublishError
    try:
        said = publisher.publish(prepared)
    except PublishError as error:
        said = error
    killer.join()
    here.start_server(tmp_path)
    assert isinstance(said, (Published, Unconfirmed))
    found = publisher.find(prepared)
    assert isinstance(found, Published) == (len(records(tmp_path)) == 1)
    assert not isinstance(said, Published) or said == found
    if found == NotThere():
        publisher.publish(publisher.prepare(message(), (), KEY, earlier=prepared))
    assert len(records(tmp_path)) == 1


def test_a_server_that_is_not_there_took_nothing(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    silent = Cutting("http://127.0.0.1:9")
    silent.close()
    hold(tmp_path, pds=silent.url, refresh=session(tmp_path)["refresh"])
    other = here.connect(tmp_path)
    with pytest.raises(Unavailable, match="could not be reached"):
        other.publish({**prepared, "pds": silent.url})


# The sign-in.


def test_one_login_serves_many_posts_and_the_next_process(tmp_path: Path) -> None:
    for number in range(3):
        publisher = here.connect(tmp_path)
        publisher.publish(publisher.prepare(message(f"Post {number}."), (), KEY))
    assert calls(tmp_path, SIGN_IN) == 1
    assert calls(tmp_path, REFRESH) == 0


@pytest.mark.parametrize("left", [-60, 300])
def test_an_access_token_that_ran_out_or_soon_will_is_renewed_without_a_login(left: int, tmp_path: Path) -> None:
    here.connect(tmp_path).prepare(message(), (), KEY)
    old = token(here.person(tmp_path).did, pds.shared().jwt_secret, ends=left)
    hold(tmp_path, access=old)
    publisher = here.connect(tmp_path)
    publisher.publish(publisher.prepare(message(), (), KEY))
    assert (calls(tmp_path, SIGN_IN), calls(tmp_path, REFRESH)) == (1, 1)
    assert session(tmp_path)["access"] != old
    assert len(records(tmp_path)) == 1


@pytest.mark.parametrize("secret", ["", "of another server"])
def test_a_token_refused_at_the_last_moment_sends_nothing_and_is_renewed(secret: str, tmp_path: Path) -> None:
    """It ran out by the server's clock, not by ours; or the server has changed its key."""
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    bad = token(here.person(tmp_path).did, secret or pds.shared().jwt_secret, ends=-1 if not secret else 3600)
    hold(tmp_path, access=bad)
    publisher = here.connect(tmp_path)
    before = len(here.proxy(tmp_path).seen)
    with pytest.raises(Unavailable, match="it is renewed"):
        publisher.publish(prepared)
    assert len(here.proxy(tmp_path).seen) == before + 1
    publisher.publish(publisher.prepare(message(), (), KEY, earlier=prepared))
    assert (calls(tmp_path, SIGN_IN), calls(tmp_path, REFRESH)) == (1, 1)
    assert len(records(tmp_path)) == 1


def test_a_token_refused_at_an_upload_is_renewed_there(tmp_path: Path) -> None:
    images, files = pictures((9, 9), (8, 8))
    here.connect(tmp_path).prepare(message(), (), KEY)
    hold(tmp_path, access=token(here.person(tmp_path).did, "of another server", ends=3600))
    publisher = here.connect(tmp_path)
    publisher.publish(publisher.prepare(message(images=images), files, KEY))
    assert (calls(tmp_path, SIGN_IN), calls(tmp_path, REFRESH)) == (1, 1)
    assert len(records(tmp_path)) == 1


def test_a_revoked_session_is_replaced_by_a_login(tmp_path: Path) -> None:
    here.connect(tmp_path).prepare(message(), (), KEY)
    old = session(tmp_path)
    pds.shared().post("com.atproto.server.deleteSession", token=old["refresh"])
    hold(tmp_path, access=token(old["did"], pds.shared().jwt_secret, ends=-60))
    publisher = here.connect(tmp_path)
    publisher.publish(publisher.prepare(message(), (), KEY))
    assert (calls(tmp_path, SIGN_IN), calls(tmp_path, REFRESH)) == (2, 1)


def test_a_session_that_another_process_renewed_is_taken_over(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    old = session(tmp_path)
    fields = {"identifier": old["handle"], "password": here.person(tmp_path).app_password}
    new = pds.shared().post(SIGN_IN, fields)
    pds.shared().post("com.atproto.server.deleteSession", token=old["refresh"])
    before = here.secret(tmp_path).held
    hold(tmp_path, access=new["accessJwt"], refresh=new["refreshJwt"])
    theirs, here.secret(tmp_path).held = here.secret(tmp_path).held, before
    late = _Late(before, theirs)
    publisher = bluesky.connect(here.account(tmp_path), late, root=tmp_path)
    assert publisher.check().problem == ""
    assert calls(tmp_path, SIGN_IN) == 1
    publisher.publish(prepared)


class _Late(Kept):
    """Another process keeps its session while this one asks for a new one."""

    def __init__(self, before: dict[str, str], after: dict[str, str]) -> None:
        super().__init__(**before)
        self._after, self._asked = after, 0

    def get(self, name: str) -> str:
        self._asked += name == "session"
        if self._asked > 1 and self._after:
            self.held, self._after = self._after, {}
        return super().get(name)


def test_many_threads_renew_it_once(tmp_path: Path) -> None:
    here.connect(tmp_path).prepare(message(), (), KEY)
    hold(tmp_path, access=token(here.person(tmp_path).did, pds.shared().jwt_secret, ends=-60))
    publisher, failed = here.connect(tmp_path), []

    def prepare() -> None:
        try:
            publisher.prepare(message(), (), KEY)
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=prepare) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    assert calls(tmp_path, REFRESH) == 1


def test_a_renewal_whose_answer_is_lost_costs_no_login(tmp_path: Path, patience: Callable[[str], None]) -> None:
    publisher = here.connect(tmp_path)
    assert publisher.check().problem == ""
    for how in HOW:
        patience(how)
        here.proxy(tmp_path).plan(Fault(how, on=REFRESH))
        health = publisher.check()
        assert (health.problem == "") == (how == "garbage-limits"), how
        assert health.problem == "" or health.problem.endswith(".")
    patience("")
    assert publisher.check().problem == ""
    assert calls(tmp_path, SIGN_IN) == 1


def test_a_login_that_fails_on_the_way_is_no_refusal(tmp_path: Path, patience: Callable[[str], None]) -> None:
    for how in HOW:
        patience(how)
        here.secret(tmp_path).keep("session", "")
        here.proxy(tmp_path).plan(Fault(how, on=SIGN_IN))
        try:
            here.connect(tmp_path).prepare(message(), (), KEY)
        except (Unavailable, RateLimited) as error:
            assert isinstance(error, RateLimited) == how.startswith("429")  # noqa: PT017
        else:
            assert how == "garbage-limits"


def test_a_wrong_password_says_what_to_do(tmp_path: Path) -> None:
    wrong = bluesky.connect(here.account(tmp_path), Kept(app_password=WRONG), root=tmp_path)
    handle = here.person(tmp_path).handle
    with pytest.raises(Disconnected) as caught:
        wrong.prepare(message(), (), KEY)
    assert caught.value.text == (
        f"Bluesky does not know {handle} with this app password. Make a new one "
        "(Bluesky: Settings, Privacy and security, App passwords). Then run `campaign login bluesky`."
    )
    assert wrong.check().problem == caught.value.text
    assert wrong.check().who == handle


def test_without_a_password_or_a_handle_it_says_what_to_do(tmp_path: Path) -> None:
    account = here.account(tmp_path)
    none = bluesky.connect(account, Kept(), root=tmp_path)
    with pytest.raises(Disconnected, match=r"bluesky has no app password for Bluesky\. Run `campaign login bluesky`\."):
        none.prepare(message(), (), KEY)
    nobody = bluesky.connect(replace(account, handle=""), Kept(app_password=WRONG), root=tmp_path)
    assert "at accounts.bluesky.handle." in nobody.check().problem
    told = Kept(app_password=here.person(tmp_path).app_password, identifier=here.person(tmp_path).did)
    assert bluesky.connect(replace(account, handle=""), told, root=tmp_path).check().problem == ""


def test_an_account_switched_off_or_taken_down_needs_a_person(tmp_path: Path) -> None:
    publisher, who, server = here.connect(tmp_path), here.person(tmp_path), pds.shared()
    prepared = publisher.prepare(message(), (), KEY)
    images, files = pictures((9, 9))

    server.post("com.atproto.server.deactivateAccount", {}, token=server.own_token(who))
    with pytest.raises(
        Disconnected, match=r"The Bluesky account is switched off\. Open it .* `campaign login bluesky`"
    ):
        publisher.publish(prepared)
    assert "not active (deactivated)" in publisher.check().problem
    server.post("com.atproto.server.activateAccount", token=server.own_token(who))
    assert publisher.check().problem == ""

    take_down({"$type": "com.atproto.admin.defs#repoRef", "did": who.did})
    for verb in (lambda: publisher.publish(prepared), lambda: publisher.prepare(message(images=images), files, KEY)):
        with pytest.raises(Disconnected, match="moderators have taken the account down"):
            verb()
    assert "taken the account down" in publisher.check().problem
    take_down({"$type": "com.atproto.admin.defs#repoRef", "did": who.did}, applied=False)
    assert isinstance(publisher.publish(publisher.prepare(message(), (), KEY)), Published)


def test_a_sign_in_that_is_never_taken_needs_a_person_and_is_not_tried_for_ever(tmp_path: Path) -> None:
    error = failure(Answer(401, b'{"error":"AuthMissing","message":"no"}'), "b", public=True)
    publisher: Any = here.connect(tmp_path)
    publisher.prepare(message(), (), KEY)
    sessions = publisher._sessions
    assert isinstance(sessions.refused(sessions.current(), error), Unavailable)
    sessions.fresh()
    assert isinstance(sessions.refused(sessions.current(), error), Disconnected)


def test_after_a_login_as_another_account_the_old_session_is_used_no_more(tmp_path: Path) -> None:
    first = here.person(tmp_path)
    other = pds.shared().person("another")
    secret = Kept(app_password=first.app_password, identifier=first.did)
    sessions = Sessions(here.account(tmp_path), here.proxy(tmp_path).url, secret)
    assert sessions.fresh().did == first.did
    secret.keep("identifier", other.did)
    secret.keep("app_password", other.app_password)
    assert sessions.fresh().did == other.did


@pytest.mark.parametrize("kept", [{}, {"identifier": "x"}])
def test_after_a_login_was_taken_away_the_session_in_memory_is_used_no_more(
    kept: dict[str, str], tmp_path: Path
) -> None:
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    before, here.secret(tmp_path).held = here.secret(tmp_path).held, {**kept}
    if kept:  # which goes with the login; the handle of the config stays
        here.secret(tmp_path).held["identifier"] = here.person(tmp_path).handle
    here.proxy(tmp_path).forget()
    try:
        with pytest.raises(Unavailable, match="it is prepared again"):
            publisher.publish(prepared)
        with pytest.raises(Disconnected, match=r"has no app password for Bluesky\. Run `campaign login bluesky`\."):
            publisher.prepare(message(), (), KEY, earlier=prepared)
        assert "Run `campaign login bluesky`." in publisher.check().problem
        assert here.proxy(tmp_path).seen == []
    finally:
        here.secret(tmp_path).held = before
    assert records(tmp_path) == []
    assert publisher.publish(prepared).id  # logged in again


def test_health_names_the_account_and_its_rights_and_no_end_as_the_password_has_none(tmp_path: Path) -> None:
    health = here.connect(tmp_path).check()
    assert health.who == here.person(tmp_path).handle
    assert health.rights == ("read", "write")
    assert health.warnings == ()
    assert health.expires_at is None


def test_the_accounts_own_password_works_but_is_warned_of(tmp_path: Path) -> None:
    own = Kept(app_password=here.person(tmp_path).password)
    health = bluesky.connect(here.account(tmp_path), own, root=tmp_path).check()
    assert health.problem == ""
    assert "may also change and delete the account" in health.warnings[0]


class Sitting:
    """Whoever sits at the terminal."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.told: list[str] = []
        self.hidden: list[bool] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def ask(self, question: str, *, hidden: bool = False) -> str:
        self.told.append(question)
        self.hidden.append(hidden)
        return self.answers.pop(0)


def test_login_asks_for_the_app_password_and_keeps_a_session_that_works(tmp_path: Path) -> None:
    who, sitting = here.person(tmp_path), Sitting(here.person(tmp_path).app_password)
    kept = bluesky.login(here.account(tmp_path), sitting)
    assert sitting.hidden == [True]
    assert "Settings, Privacy and security, App passwords" in sitting.told[0]
    assert set(kept) == {"app_password", "session"}
    publisher = bluesky.connect(here.account(tmp_path), Kept(**kept), root=tmp_path)
    assert publisher.check().who == who.handle
    assert calls(tmp_path, SIGN_IN) == 1


def test_login_asks_for_the_handle_where_config_has_none(tmp_path: Path) -> None:
    who = here.person(tmp_path)
    sitting = Sitting(f"@{who.handle}", who.password)
    kept = bluesky.login(replace(here.account(tmp_path), handle=""), sitting)
    assert kept["identifier"] == who.handle
    assert any("may also change and delete" in one for one in sitting.told)
    with pytest.raises(Disconnected, match="does not know"):
        bluesky.login(here.account(tmp_path), Sitting(WRONG))


# Where it sends.


def test_the_account_is_where_its_identity_document_says_but_never_without_https() -> None:
    def document(endpoint: str) -> dict[str, Any]:
        return {"service": [{"id": "#other"}, {"id": "#atproto_pds", "serviceEndpoint": endpoint}]}

    far = "https://shimeji.example.com"
    assert _home("https://bsky.social", document(far)) == far
    assert _home("https://bsky.social", document("http://shimeji.example.com")) == "https://bsky.social"
    assert _home("http://127.0.0.1:9", document(far)) == "http://127.0.0.1:9"
    odds: tuple[object, ...] = (None, [], {}, {"service": None}, {"service": [None, {}]}, {"service": {"id": 1}})
    for odd in odds:
        assert _home("https://bsky.social", odd) == "https://bsky.social"


def test_a_session_of_another_server_or_account_is_not_used() -> None:
    at, by = "https://bsky.social", "a.test"
    kept = Tokens("a.test", "did:plc:a", at, by, "https://far.example", "a.b.c", "d.e.f").packed()
    assert unpacked(kept, at, by)
    assert unpacked(kept, "https://elsewhere.example", by) is None
    assert unpacked(kept, at, "b.test") is None
    for broken in ("", "null", "[]", "{}", "1", kept[:-2], kept.replace("a.b.c", "a.b.c\\r\\nx")):
        assert unpacked(broken, at, by) is None
    assert claims("no token") == claims("a.b.c") == claims("a.W10.c") == {}


def test_a_new_handle_in_config_never_posts_to_the_account_of_the_old_one(tmp_path: Path) -> None:
    here.connect(tmp_path).prepare(message(), (), KEY)
    other = pds.shared().person("polaris")
    moved = replace(here.account(tmp_path), handle=f"@{other.handle}")
    publisher = bluesky.connect(moved, here.secret(tmp_path), root=tmp_path)
    with pytest.raises(Disconnected, match=r"does not know polaris\.test with this app password"):
        publisher.prepare(message(), (), KEY)
    assert records(tmp_path) == []


def test_what_was_prepared_for_another_server_or_account_is_prepared_again(tmp_path: Path) -> None:
    publisher = here.connect(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    for changed in ({"pds": "https://elsewhere.example"}, {"repo": "did:plc:somebodyelse"}):
        with pytest.raises(Unavailable, match="it is prepared again"):
            publisher.publish({**prepared, **changed})
    assert records(tmp_path) == []


def test_a_login_as_another_account_between_preparing_and_sending_sends_nothing(tmp_path: Path) -> None:
    first, other = here.person(tmp_path), pds.shared().person("between" + here.person(tmp_path).handle[1:9])
    secret = Kept(app_password=first.app_password, identifier=first.handle)
    publisher = bluesky.connect(replace(here.account(tmp_path), handle=""), secret, root=tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    secret.held = {"app_password": other.app_password, "identifier": other.handle}
    with pytest.raises(Unavailable, match="it is prepared again"):
        publisher.publish(prepared)
    assert publisher.check().who == other.handle
    with pytest.raises(Unavailable, match="it is prepared again"):
        publisher.publish(prepared)
    assert records(tmp_path) == pds.shared().posts(other.did) == []


def test_what_was_sent_is_looked_for_where_it_went_whoever_is_logged_in_and_whatever_config_names(
    tmp_path: Path,
) -> None:
    """A DID is one account in the whole network, and the server it was sent to is kept with it."""
    publisher, first = here.connect(tmp_path), here.person(tmp_path)
    prepared = publisher.prepare(message(), (), KEY)
    here.proxy(tmp_path).plan(Fault("lost", on=here.PUBLISH))
    with pytest.raises(Unconfirmed):
        publisher.publish(prepared)
    second = pds.Pds(tmp_path / "pds")
    try:
        there = second.person("elsewhere")
        account = Account("bluesky", "bluesky", handle=f"@{there.handle}", options={"server": second.url})
        secret = Kept(app_password=there.app_password, session=here.secret(tmp_path).get("session"))
        moved = bluesky.connect(account, secret, root=tmp_path)
        assert moved.check().who == there.handle
        found = moved.find(prepared)
        assert isinstance(found, Published)
        assert found.id == f"at://{first.did}/app.bsky.feed.post/{prepared['rkey']}"
        with pytest.raises(Unavailable, match="it is prepared again"):
            moved.publish(prepared)
        assert second.posts(there.did) == []
    finally:
        second.stop()
    assert len(records(tmp_path)) == 1


@pytest.mark.parametrize(
    "server",
    ["http://bsky.social", "bsky.social", "https://", "https://bsky.social/xrpc", "ftp://a.b", 7, "http://[::1", None],
)
def test_a_wrong_server_names_its_setting(server: object, tmp_path: Path) -> None:
    account = Account("ours", "bluesky", options={"server": server})
    with pytest.raises(ConfigError, match=r"^accounts\.ours\.server must "):
        bluesky.connect(account, Kept(), root=tmp_path)


def test_a_password_in_the_address_of_the_server_is_not_repeated(tmp_path: Path) -> None:
    account = Account("ours", "bluesky", options={"server": "https://me:hunter2@bsky.social"})
    with pytest.raises(ConfigError) as caught:
        bluesky.connect(account, Kept(), root=tmp_path)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("server", ["https://bsky.social/", "http://localhost:2583", "http://[::1]:2583"])
def test_a_right_server_is_taken_and_nothing_is_sent(server: str, tmp_path: Path) -> None:
    account = Account("ours", "bluesky", handle="@lantern.bsky.social", options={"server": server})
    assert repr(bluesky.connect(account, Kept(), root=tmp_path)) == "Bluesky(ours)"


@pytest.mark.parametrize("handle", ["lantern", "@lantern@mastodon.example", "lantern bsky.social"])
def test_a_wrong_handle_names_its_setting(handle: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"accounts\.ours\.handle must be a Bluesky handle"):
        bluesky.connect(Account("ours", "bluesky", handle=handle), Kept(), root=tmp_path)


def test_its_import_loads_no_sdk() -> None:
    program = (
        "import sys; import scheduler.publishers.bluesky\n"
        "print(sorted({'httpx', 'atproto_client', 'pydantic', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Rate limits.


def test_the_servers_own_limit_says_until_when_to_wait(tmp_path: Path) -> None:
    server = pds.Pds(tmp_path / "pds", "--rate-limits")
    try:
        with ThreadPoolExecutor(10) as pool:  # it lets a wrong password wait
            said = [
                pool.submit(server.post, SIGN_IN, {"identifier": "lantern.test", "password": WRONG}) for _ in range(30)
            ]
            assert all("401" in str(one.exception()) for one in said)
        account = Account("bluesky", "bluesky", handle="@lantern.test", options={"server": server.url})
        publisher = bluesky.connect(account, Kept(app_password=WRONG), root=tmp_path)
        with pytest.raises(RateLimited, match=r"^Bluesky asks to wait\.$") as caught:
            publisher.prepare(message(), (), KEY)
        assert caught.value.retry_at
        assert timedelta(0) < caught.value.retry_at - datetime.now(UTC) <= timedelta(minutes=5)
        assert publisher.check().problem == "Bluesky asks to wait."
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"ratelimit-reset": "{now+90}"}, 90),
        ({"retry-after": "90"}, 90),
        ({"ratelimit-reset": "soon", "retry-after": "90"}, 90),
        ({"retry-after": "{http+90}"}, 90),
        ({"ratelimit-reset": "{now+86390}"}, 86390),
        ({}, None),
        ({"ratelimit-reset": "soon", "retry-after": "a while"}, None),
        ({"ratelimit-reset": "{now-90}"}, None),
        ({"ratelimit-reset": "{now+90000}"}, None),
        ({"ratelimit-reset": "9" * 30, "retry-after": "1e400"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
    ],
)
def test_the_wait_is_read_from_the_headers_or_not_at_all(headers: dict[str, str], seconds: int | None) -> None:
    now = datetime.now(UTC)

    def filled(value: str) -> str:
        for sign in ("+", "-"):
            if value.startswith("{now" + sign):
                return str(int(now.timestamp()) + int(value[4:-1]))
        return f"{now + timedelta(seconds=90):%a, %d %b %Y %H:%M:%S GMT}" if value.startswith("{http") else value

    moment = wait_until({name: filled(value) for name, value in headers.items()})
    if seconds is None:
        assert moment is None
    else:
        assert moment
        assert abs((moment - now).total_seconds() - seconds) < 2


def test_an_answer_with_nothing_left_says_until_when_to_wait() -> None:
    from scheduler.publishers.bluesky.answers import spent  # noqa: PLC0415

    reset = str(int(time.time()) + 60)
    assert spent(Answer(200, b"{}", {"ratelimit-remaining": "0", "ratelimit-reset": reset}))
    assert spent(Answer(200, b"{}", {"ratelimit-remaining": "1", "ratelimit-reset": reset})) is None
    assert spent(Answer(200, b"{}", {"ratelimit-remaining": "0", "ratelimit-reset": "soon"})) is None


# What each answer to the one dangerous request means.


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (400, b'{"error":"InvalidRequest","message":"no"}', Rejected),
        (400, b'{"error":"InvalidMimeType","message":"no"}', Rejected),
        (400, b'{"error":"BlobNotFound","message":"no"}', Unavailable),
        (400, b'{"error":"ExpiredToken","message":"no"}', Unavailable),
        (400, b"<html>", Unconfirmed),
        (400, b"null", Unconfirmed),
        (400, b"[]", Unconfirmed),
        (400, b'{"error":7}', Unconfirmed),
        (401, b'{"error":"AuthMissing"}', Unavailable),
        (401, b'{"error":"AccountTakedown","message":"no"}', Disconnected),
        (401, b"<html>", Unconfirmed),
        (403, b'{"error":"Forbidden","message":"no"}', Disconnected),
        (403, b"<html>", Unconfirmed),
        (404, b'{"error":"XRPCNotSupported","message":"no"}', Disconnected),
        (404, b"<html>", Unconfirmed),
        (408, b'{"error":"x"}', Unconfirmed),
        (409, b'{"error":"x"}', Unconfirmed),
        (413, b'{"error":"PayloadTooLarge","message":"no"}', Rejected),
        (413, b"<html>", Unconfirmed),
        (429, b"", RateLimited),
        (500, b'{"error":"InternalServerError"}', Unconfirmed),
        (501, b'{"error":"MethodNotImplemented"}', Unconfirmed),
        (520, b"", Unconfirmed),
        (302, b"", Unconfirmed),
        (200, b"{", Unconfirmed),
        (200, b'{"error":"InvalidRequest"}', Unconfirmed),
    ],
)
def test_only_a_clear_refusal_proves_that_nothing_is_out(status: int, body: bytes, means: type[PublishError]) -> None:
    error = failure(Answer(status, body), "b", public=True)
    assert isinstance(error, means)
    assert error.text.endswith(".")


# What must never be seen.


def test_no_secret_is_in_a_log_an_error_or_a_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, patience: Callable[[str], None]
) -> None:
    for name in ("", *TALKATIVE):
        caplog.set_level(logging.DEBUG, logger=name)
    shown: list[str] = []
    who, held = here.person(tmp_path), set()

    def note(verb: Any) -> None:  # noqa: ANN401
        try:
            shown.append(repr(verb()))
        except Exception as error:  # noqa: BLE001
            shown.extend(traceback.format_exception(error))
            shown.extend(repr(one) for one in (str(error), error, error.__dict__, error.__cause__, error.__context__))

    images, files = pictures((9, 9))
    pictured = (message(images=images), files)
    prepared = here.connect(tmp_path).prepare(*pictured, KEY)
    for how in ("lost", "reset", "half", "hang", "500", "broken-json", "null", "html", "redirect", "drop", "429-html"):
        patience(how)
        for on in ("createRecord", "uploadBlob", REFRESH, SIGN_IN):
            publisher: Any = here.connect(tmp_path)
            tokens = unpacked(here.secret(tmp_path).get("session"), here.proxy(tmp_path).url, who.handle)
            held |= {tokens.access, tokens.refresh} if tokens else set()
            if on == SIGN_IN:
                here.secret(tmp_path).keep("session", "")
            here.proxy(tmp_path).plan(Fault(how, on=on))
            if on == "createRecord":
                note(lambda p=publisher: p.publish(prepared))
                note(lambda p=publisher: p.find(prepared))
            else:
                note(publisher._sessions.renewed if on == REFRESH else lambda p=publisher: p.prepare(*pictured, KEY))
            note(publisher.check)
            shown += [repr(publisher), repr(publisher._sessions), f"{publisher._sessions.current()}"]
    note(bluesky.connect(here.account(tmp_path), Kept(app_password=WRONG), root=tmp_path).check)
    note(lambda: bluesky.login(here.account(tmp_path), Sitting(WRONG)))
    seen = "\n".join(shown) + caplog.text
    assert len(held) > 10
    assert "httpcore" in caplog.text
    for secret in (who.app_password, who.password, WRONG, *held):
        assert secret not in seen
        assert base64.b64encode(secret.encode()).decode() not in seen
    assert "Bearer" not in seen
    assert not re.search(r"eyJ[\w-]{10}", seen)  # the beginning of any token, even of one that nobody kept
