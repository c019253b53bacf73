"""Small pieces of markup that real pages make in their own templates."""

from markupsafe import Markup, escape


def buttons(*labels: tuple[str, str], size: str = "") -> Markup:
    """Buttons as (words, kind), as `macros/ui.html` draws them."""
    kinds = {"word": "btn-2 btn-word"}
    more = f" btn-{size}" if size else ""
    return Markup("").join(
        Markup('<button class="btn {}{}" type="button">{}</button>').format(
            kinds.get(kind, f"btn-{kind}"), more, escape(words)
        )
        for words, kind in labels
    )


def big_buttons(*labels: tuple[str, str, str]) -> Markup:
    """The floor's buttons as (words, icon, kind), as `macros/floor.html` draws them."""
    kinds = {"scrap": "big-2 big-scrap"}
    return Markup("").join(
        Markup(
            '<button class="big {}" type="button"><svg class="i" viewBox="0 0 24 24" aria-hidden="true">'
            '<use href="#i-{}"></use></svg>'
            "<span>{}</span></button>"
        ).format(kinds.get(kind, f"big-{kind}"), glyph, words)
        for words, glyph, kind in labels
    )
