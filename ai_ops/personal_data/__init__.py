"""Personal data out of any text: addresses, numbers and names by which a person can be found."""

from ai_ops.personal_data.shape import Kind
from ai_ops.personal_data.without import without_personal_data

__all__ = ["Kind", "without_personal_data"]
