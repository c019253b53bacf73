"""Problems made from a seed: plants like the published ones in any size, shops, and small problems for tests.

The same arguments give the same problem on every machine and Python version.
"""

from __future__ import annotations

from scheduler.generating.plants import plant, planted
from scheduler.generating.shops import flexible_shop, job_shop
from scheduler.generating.small import FEATURES, Feature, small

__all__ = ["FEATURES", "Feature", "flexible_shop", "job_shop", "plant", "planted", "small"]
