"""Procurement's timed work; intervals are wall time, what is due is decided in business time."""

from datetime import timedelta

from cosmo.registry import Job
from modules.procurement.watching import look_after, overdue, reorder, send_day, write_off

JOBS = (
    Job("procurement.send", timedelta(seconds=2), send_day),
    Job("procurement.overdue", timedelta(seconds=3), overdue),
    Job("procurement.look_after", timedelta(seconds=3), look_after),
    Job("procurement.reorder", timedelta(seconds=10), reorder),
    Job("procurement.write_off", timedelta(seconds=30), write_off),
)
