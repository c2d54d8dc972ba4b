"""What should move, what may pass, and who may act. `recommend` is the stable entry for other programs."""

from ai_ops.tune.recommendation import Recommendation, recommend

__all__ = ["Recommendation", "recommend"]
