"""What is abnormal: one small file per detector, and the step that turns scores into findings."""
