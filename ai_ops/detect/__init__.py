"""What is abnormal: one small file per detector, and the step that turns scores into findings."""

# Imported at once, or importing the module later would put it in the function's place. It loads numpy when called.
from ai_ops.detect.score_matrix import score_matrix

__all__ = ["score_matrix"]
