"""Watching a tracking page that nobody reloads: which stages it showed, and when."""

from itertools import pairwise
from typing import Any

STAGES = ("placed", "engineered", "sourced", "scheduled", "in_production", "produced", "shipped", "delivered")
_WATCH = """() => {
  const note = () => {
    const shown = document.querySelector('#live-order .live-order');
    if (!shown) return;
    const last = window.seen[window.seen.length - 1];
    const now = Date.now();
    if (!last || last.stage !== shown.dataset.stage)
      window.seen.push({stage: shown.dataset.stage, at: (now - window.born) / 1000});
    window.seqs[shown.dataset.seq] ??= now;
  };
  window.born = Date.now(); window.seen = []; window.seqs = {};
  new MutationObserver(note).observe(document.querySelector('#live-order'),
    {subtree: true, childList: true, attributes: true, attributeFilter: ['data-stage', 'data-seq']});
  note();
}"""


def watch(page: Any) -> None:
    """Begin to note what the page shows."""
    page.evaluate(_WATCH)


def seen(page: Any) -> list[tuple[str, float]]:
    """(stage, seconds since `watch`); fails if the page was loaded again in between."""
    noted = page.evaluate("() => window.seen")
    assert noted is not None, "the page was loaded again"
    return [(one["stage"], one["at"]) for one in noted]


def stream_of(page: Any) -> Any:
    """How the page's stream stands, to say so where the page has stopped."""
    return page.evaluate("""() => {
      const sse = document.querySelector('#live-order')._htmx?.sse;
      const stream = sse ? {status: sse.status, attempt: sse.attempt, last: sse.lastEventId} : null;
      return {stream, hidden: document.hidden, htmx: !!window.htmx, page: document.readyState};
    }""")


def shown_at(page: Any) -> dict[int, float]:
    """Seq of the order's last event -> wall time (Unix seconds) at which the page showed it first."""
    return {int(seq): at / 1000 for seq, at in page.evaluate("() => window.seqs").items() if seq}


def in_order(stages: list[str]) -> bool:
    """Whether the stages went forward only."""
    return all(STAGES.index(a) < STAGES.index(b) for a, b in pairwise(stages))
