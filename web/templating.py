"""Pages from templates: Jinja with autoescape and no undefined names, in the reader's language.

`render(request, "folder/page.html", **context)` is what routes call. Templates find there `_`, `money`,
`day`, `fullday`, `shortday`, `clock`, `daytime`, `number`, `percent`, `static`, `together`, `sheets`,
`csrf_field`, `slots`, `principal`, `layout`, `now`
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from cosmo import i18n
from cosmo.clock import Now
from cosmo.formats import zone
from cosmo.identity import csrf_token
from cosmo.ids import new_token
from cosmo.registry import registry
from web.amounts import sign
from web.assets import Assets, early, linked
from web.drawing.jinja import install as install_drawings
from web.layout import Layout, make_layout
from web.site import HERE, site
from web.visits import Visit, visit_of

_FORMATS = ("money", "number", "percent", "day", "fullday", "shortday", "clock", "daytime")


class Pages:
    """The Jinja environment over the shell's and every module's templates."""

    def __init__(self, assets: Assets) -> None:
        folders = [HERE / "templates", *(p.templates for p in registry().parts.values() if p.templates)]
        self.env = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.env.globals.update(
            static=assets.url, together=assets.together, sheets=lambda *names: linked(assets.styles(*names))
        )
        self.env.globals.update(pick=i18n.pick, stage_name=i18n.stage_name, decimal=Decimal)
        self.env.filters["unit"] = sign
        install_drawings(self.env)

    def markup(self, name: str, locale: str, **context: Any) -> str:
        """A template as text, for fragments that have no request: streams, mails, slots.

        `timezone` in the context is where its clocks are read, `now` what a weekday is near to.
        """
        return self.env.get_template(name).render(
            words(locale, context.get("timezone") or "UTC", context.get("now")) | context
        )

    def render(
        self,
        request: Request,
        name: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """A template as an answer to `request`, with everything the layout needs."""
        visit = visit_of(request)
        demo = site(request).settings.demo
        plant = request.query_params.get("plant", "")
        layout = make_layout(visit.frame, visit.principal, request.url.path, demo=demo, plant=plant)
        timezone = context.get("timezone") or layout.timezone
        common = words(visit.locale, timezone, visit.now) | _common(request, visit, layout)
        text = self.env.get_template(name).render(common | context)
        return HTMLResponse(text, status, {**early(text), **(headers or {})})


def render(
    request: Request,
    name: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """Answer `request` with the template `name`; `context` joins what the layout needs."""
    return site(request).pages.render(request, name, status=status, headers=headers, **context)


def words(locale: str, timezone: str = "UTC", now: Now | None = None) -> dict[str, Any]:
    """`_`, `ngettext` and the formats bound to one language, now and, where a call names none, one zone."""
    bound: dict[str, Any] = {name: _bound(name, locale, timezone, now) for name in _FORMATS}
    translate = i18n.translator(locale)
    return {
        **bound,
        "_": translate,
        "gettext": translate,
        "ngettext": partial(i18n.ngettext, locale),
        "locale": locale,
        "local": lambda value, tz=None: value.astimezone(zone(tz or timezone)),
    }


def _bound(name: str, locale: str, timezone: str, now: Now | None) -> Callable[..., str]:
    write = getattr(i18n, name)
    if name == "money":
        return lambda amount, currency: write(amount, currency, locale)
    if name == "daytime":
        today = now.business if now else None
        return lambda value, tz=None: write(value, locale, tz or timezone, today)
    if name == "clock":
        return lambda value, tz=None: write(value, locale, tz or timezone)
    return lambda value: write(value, locale)


def _common(request: Request, visit: Visit, layout: Layout) -> dict[str, Any]:
    field = csrf_field(visit)
    return {
        "request": request,
        "principal": visit.principal,
        "now": visit.now,
        "csrf": csrf_token(visit.secret) if visit.secret else "",
        "csrf_field": field,
        "layout": layout,
        "slots": slots,
    }


def csrf_field(visit: Visit) -> Markup:
    """The hidden field that every form carries. A stranger gets a cookie for it; a row only when needed."""
    if visit.secret is None and not visit.bearer:
        visit.secret = new_token()
    token = csrf_token(visit.secret) if visit.secret else ""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


def slots(name: str, context: Any) -> Markup:
    """What every module puts into the slot `name` for `context`, in the modules' order of rank.

    `context.modules_on` says which modules count.
    """
    found = registry().slots(name, context.modules_on)
    return Markup("").join(Markup(part) for slot in found if (part := slot.render(context)))
