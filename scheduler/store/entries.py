"""What is written when something happened: the columns of a log row, of a delivery, of an attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.store.tables import micros, pairs

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.model import Delivery
    from scheduler.outcomes import Decision
    from scheduler.store.values import Result


def log_row(
    at: datetime, actor: str, kind: str, text: str, about: Delivery | None, *, account: str = "", detail: str = ""
) -> dict[str, Any]:
    """The columns of a log row, as the database has them."""
    return {
        "at": micros(at),
        "actor": actor,
        "kind": kind,
        "delivery": about.id if about else None,
        "post": about.post if about else "",
        "account": about.account if about else account,
        "text": text,
        "url": about.url if about else "",
        "detail": detail,
    }


def told(result: Result, now: datetime, actor: str) -> dict[str, Any]:
    """The log row of what followed."""
    decision = result.decision
    row = log_row(now, actor, decision.kind, decision.reason, result.delivery, detail=decision.detail)
    out = decision.published or decision.part
    return {**row, "url": out.url if out else ""}


def recorded(delivery: Delivery, decision: Decision, now: datetime) -> dict[str, Any]:
    """The columns of a delivery after a decision."""
    out = decision.published
    return {
        "of": delivery.id,
        "to_status": str(decision.status),
        "to_reason": decision.reason,
        "to_next_attempt_at": _micros(decision.next_attempt_at),
        "to_check_at": _micros(decision.check_at),
        "to_send_until": micros(decision.send_until or delivery.send_until),
        "to_published_at": micros(now) if out else None,
        "to_remote_id": out.id if out else "",
        "to_url": out.url if out else "",
        "to_reads": decision.reads,
        "to_thread": pairs(delivery.thread + (((decision.part.id, decision.part.url),) if decision.part else ())),
    }


def closed(result: Result, now: datetime) -> dict[str, Any]:
    """The columns of an attempt that has ended."""
    return {"of": result.attempt, "at": micros(now), "outcome": f"{result.decision.status}: {result.decision.reason}"}


def _micros(instant: datetime | None) -> int | None:
    return None if instant is None else micros(instant)
