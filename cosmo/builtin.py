"""What the kernel itself answers and does on time; on for every manufacturer, beside the modules."""

from cosmo import lifecycle
from cosmo.registry import Handler

HANDLERS: tuple[Handler, ...] = (
    # queued by the lifecycle itself where the next verb's owner is off, so it names no event
    Handler(lifecycle.PASS_ON, "", lifecycle.pass_on),
)
