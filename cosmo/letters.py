"""What the mails say: a subject and paragraphs in the reader's language, as plain text and as HTML."""

from dataclasses import dataclass
from html import escape
from typing import Any

from cosmo.i18n import N_, gettext


@dataclass(frozen=True, slots=True)
class Template:
    """Msgids with {fields}; `action` labels the link to the order."""

    subject: str
    paragraphs: tuple[str, ...]
    action: str = N_("Follow your order")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, ready to be addressed."""

    subject: str
    text: str
    html: str


TEMPLATES: dict[str, Template] = {
    "confirmation": Template(
        N_("Order {number}: we promise {date}"),
        (
            N_("Thank you. You ordered {quantity} × {title} for {price}."),
            N_("We promise {date}. The link below shows every step, and what you can still change."),
        ),
    ),
    "proof": Template(
        N_("Order {number}: please look at the proof"),
        (N_("The proof of {title} is ready. We begin when you approve it."),),
        N_("Look at the proof"),
    ),
    "shortfall": Template(
        N_("Order {number}: please choose how we go on"),
        (N_("{told}"), N_("The link below shows what each choice means.")),
        N_("Choose how we go on"),
    ),
    "changed": Template(
        N_("Order {number} is changed: we promise {date}"),
        (N_("{told}"), N_("The link below shows every step, and what you can still change.")),
    ),
    "later": Template(
        N_("Order {number}: your date moved to {date}"),
        (N_("{told}"), N_("We are sorry. The link below shows why, and what we can do.")),
    ),
    "earlier": Template(N_("Order {number}: earlier, on {date}"), (N_("{told}"),)),
    "shipped": Template(
        N_("Order {number} is on its way"),
        (N_("{quantity} × {title} left us. We expect them with you on {date}."),),
    ),
    "delivered": Template(
        N_("Order {number} is delivered"),
        (
            N_("{quantity} × {title} reached you."),
            N_("If anything is not right, the link below is the place to say so."),
        ),
    ),
    "code": Template(
        N_("Order {number}: your code is {code}"),
        (N_("Enter {code} to confirm. If you did not ask for it, nothing happens without it."),),
    ),
    "idea-posted": Template(
        N_("Your idea “{title}” is posted"),
        (
            N_("Thank you. Others can vote for it now, and our designers look at it."),
            N_("The link below is yours and shows what becomes of it. We write when something happens."),
        ),
        N_("Follow your idea"),
    ),
    "idea-claimed": Template(
        N_("Somebody works on your idea “{title}”"),
        (N_("{who} has taken it up and will make a proposal."),),
        N_("Follow your idea"),
    ),
    "idea-proposed": Template(
        N_("A proposal for your idea “{title}”"),
        (N_("{who} shows how it could be made, for about {price} each."),),
        N_("Look at the proposal"),
    ),
    "idea-chosen": Template(
        N_("A proposal for your idea “{title}” is chosen"),
        (N_("It is what we want to make. The link below shows how it goes on."),),
        N_("Follow your idea"),
    ),
    "idea-declined": Template(
        N_("We will not make your idea “{title}”"),
        (N_("{reason}"), N_("Thank you for it all the same.")),
        N_("Look at your idea"),
    ),
    "idea-presale": Template(
        N_("Your idea “{title}” is in pre-sale"),
        (N_("It is made once enough people have said that they take it. Pass the link on."),),
        N_("See your idea"),
    ),
    "presale-pledged": Template(
        N_("Your pledge for {title}"),
        (
            N_(
                "You take {count} for {price} if enough others do too by {date}. "
                "Until then nothing is made and nothing is paid."
            ),
            N_("With the link below you see how it stands. You can withdraw there until it is enough."),
        ),
        N_("See your pledge"),
    ),
    "presale-reached": Template(
        N_("Enough people take {title}: it will be made"),
        (N_("Your pledge of {count} becomes an order now. Its promised day comes in a letter of its own."),),
        N_("See your pledge"),
    ),
    "presale-lapsed": Template(
        N_("{title} will not be made"),
        (
            N_(
                "Not enough people had said that they take it. "
                "Your pledge has ended; nothing is made and nothing is paid."
            ),
        ),
        N_("See how it ended"),
    ),
}
"""Name -> what it says."""

_PAGE = (
    '<!doctype html><html lang="{lang}"><body style="margin:0;background:#f6f4ef;color:#1d1c1a;'
    'font:16px/1.5 system-ui,sans-serif"><div style="max-width:34rem;margin:0 auto;padding:2rem 1.25rem">'
    "{paragraphs}"
    '<p><a href="{link}" style="display:inline-block;padding:.7rem 1.1rem;background:#1f3fae;color:#fff;'
    'text-decoration:none;border-radius:4px;font-weight:600">{action}</a></p>'
    '<p style="color:#5c5953;font-size:14px">{sender}</p></div></body></html>'
)


def compose(template: str, locale: str, link: str, sender: str, words: dict[str, Any]) -> Letter:
    """Fill a template. `words` are finished texts; `link` leads to the order, `sender` is who signs."""
    form = TEMPLATES[template]
    greeting = gettext(locale, N_("Hello {name},"), **words) if words.get("name") else ""
    body = [gettext(locale, paragraph).format(**words) for paragraph in form.paragraphs]
    paragraphs = [line for line in (greeting, *body) if line]
    action = gettext(locale, form.action)
    text = "\n\n".join([*paragraphs, f"{action}:\n{link}", f"-- \n{sender}", ""])
    html = _PAGE.format(
        lang=escape(locale),
        paragraphs="".join(f"<p>{escape(line)}</p>" for line in paragraphs),
        link=escape(link),
        action=escape(action),
        sender=escape(sender),
    )
    return Letter(gettext(locale, form.subject).format(**words), text, html)
