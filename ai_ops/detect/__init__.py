"""What is abnormal: one small file per detector, and the step that turns scores into findings."""

# Imported at once, or importing a module later would put it in the function's place. They load numpy when called.
from ai_ops.detect.learned.score_matrix import score_matrix
from ai_ops.detect.score_series import score_series

__all__ = ["score_matrix", "score_series"]
