"""Small pieces of markup that real pages make in their own templates."""

from markupsafe import Markup, escape


def buttons(*labels: tuple[str, str], size: str = "") -> Markup:
    """Buttons as (words, kind), as `macros/ui.html` draws them."""
    kinds = {"word": "btn-2 btn-word"}
    more = f" btn-{size}" if size else ""
    return Markup("").join(
        Markup('<button class="btn {}{}" type="button">{}</button>').format(kinds.get(kind, f"btn-{kind}"), more, escape(words))
        for words, kind in labels
    )
