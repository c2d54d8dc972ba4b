# Autoscaling thresholds of the service "web".
# NeuroPilot changes single values here, one reviewable diff at a time; comments and layout stay as you write them.
# A value with `neuropilot: ignore` in a comment behind it, or alone on the line above it, is left alone.

# "threshold": add and remove at the two thresholds below. "target": hold cpu_scale_out_percent, as an HPA does.
scaling_mode = "threshold"

cpu_scale_out_percent    = 80 # add instances above this mean CPU
cpu_scale_in_percent     = 30 # remove instances below this mean CPU
memory_scale_out_percent = 85
latency_scale_out_ms     = 350 # add instances above this p95

min_instances    = 2
max_instances    = 12
cooldown_minutes = 5

# More than min_instances at certain times of the week, in UTC; Monday 00:00 is minute 0.
scheduled_minimum = []
