# The bounds are those of `knobs` in ai_ops/config/ops_config.yaml, which a test compares with these.
# They are stated here as well so that no plan passes with a value outside them, whoever wrote it.

variable "scaling_mode" {
  description = "\"threshold\" adds and removes at two thresholds; \"target\" holds cpu_scale_out_percent, as an HPA does."
  type        = string
  default     = "threshold"
  nullable    = false

  validation {
    condition     = contains(["threshold", "target"], var.scaling_mode)
    error_message = "scaling_mode must be threshold or target."
  }
}

variable "cpu_scale_out_percent" {
  description = "Add instances above this mean CPU, in percent; in scaling_mode target, the mean CPU to hold."
  type        = number
  nullable    = false

  validation {
    condition     = var.cpu_scale_out_percent >= 50 && var.cpu_scale_out_percent <= 90
    error_message = "cpu_scale_out_percent must lie between 50 and 90 percent."
  }
}

variable "cpu_scale_in_percent" {
  description = "Remove instances below this mean CPU, in percent."
  type        = number
  nullable    = false

  validation {
    condition     = var.cpu_scale_in_percent >= 20 && var.cpu_scale_in_percent <= 70
    error_message = "cpu_scale_in_percent must lie between 20 and 70 percent."
  }

  # The last line of defence against flapping. NeuroPilot itself keeps `tuning.scale_gap_percent`, which is no less.
  validation {
    condition     = var.cpu_scale_in_percent <= var.cpu_scale_out_percent - 8
    error_message = "cpu_scale_in_percent must stay at least 8 below cpu_scale_out_percent, or the service flaps."
  }
}

variable "memory_scale_out_percent" {
  description = "Add instances above this mean memory use, in percent."
  type        = number
  nullable    = false

  validation {
    condition     = var.memory_scale_out_percent >= 60 && var.memory_scale_out_percent <= 95
    error_message = "memory_scale_out_percent must lie between 60 and 95 percent."
  }
}

variable "latency_scale_out_ms" {
  description = "Add instances above this 95th percentile of the latency, in milliseconds."
  type        = number
  nullable    = false

  validation {
    condition     = var.latency_scale_out_ms >= 100 && var.latency_scale_out_ms <= 2000
    error_message = "latency_scale_out_ms must lie between 100 and 2000 ms."
  }
}

variable "min_instances" {
  description = "Never fewer instances than this."
  type        = number
  nullable    = false

  validation {
    condition     = var.min_instances >= 1 && var.min_instances <= 20
    error_message = "min_instances must lie between 1 and 20."
  }

  validation {
    condition     = floor(var.min_instances) == var.min_instances
    error_message = "min_instances must be a whole number."
  }
}

variable "max_instances" {
  description = "Never more instances than this."
  type        = number
  nullable    = false

  validation {
    condition     = var.max_instances >= 2 && var.max_instances <= 100
    error_message = "max_instances must lie between 2 and 100."
  }

  validation {
    condition     = floor(var.max_instances) == var.max_instances
    error_message = "max_instances must be a whole number."
  }

  validation {
    condition     = var.max_instances >= var.min_instances
    error_message = "max_instances must not be below min_instances."
  }
}

variable "cooldown_minutes" {
  description = "Minutes to wait after one scaling action before the next."
  type        = number
  nullable    = false

  validation {
    condition     = var.cooldown_minutes >= 1 && var.cooldown_minutes <= 30
    error_message = "cooldown_minutes must lie between 1 and 30 minutes."
  }
}

variable "scheduled_minimum" {
  description = "Minimums at certain times of the week, in UTC. Monday 00:00 is minute 0; `to` is the first minute after."
  type = list(object({
    from_minute_of_week = number
    to_minute_of_week   = number
    min_instances       = number
  }))
  default  = []
  nullable = false

  validation {
    condition     = length(var.scheduled_minimum) <= 28
    error_message = "scheduled_minimum must have at most 28 entries."
  }

  validation {
    condition = alltrue([for one in var.scheduled_minimum :
      one.from_minute_of_week >= 0 && one.from_minute_of_week < 10080 &&
      one.to_minute_of_week >= 0 && one.to_minute_of_week <= 10080 &&
      one.from_minute_of_week != one.to_minute_of_week
    ])
    error_message = "scheduled_minimum must begin at minute 0 to 10079 and end at another one, 0 to 10080."
  }

  validation {
    condition     = alltrue([for one in var.scheduled_minimum : one.min_instances >= 1 && one.min_instances <= 20])
    error_message = "scheduled_minimum must ask for between 1 and 20 instances."
  }

  validation {
    condition     = alltrue(flatten([for one in var.scheduled_minimum : [for value in values(one) : floor(value) == value]]))
    error_message = "scheduled_minimum must have whole numbers."
  }

  validation {
    condition     = alltrue([for one in var.scheduled_minimum : one.min_instances <= var.max_instances])
    error_message = "scheduled_minimum must not ask for more than max_instances."
  }

  # Around the week, every other entry begins no earlier than this one ends.
  validation {
    condition = alltrue(flatten([for i, one in var.scheduled_minimum : [for k, other in var.scheduled_minimum :
      i == k || (other.from_minute_of_week - one.from_minute_of_week + 10080) % 10080 >=
      one.to_minute_of_week - one.from_minute_of_week + (one.to_minute_of_week > one.from_minute_of_week ? 0 : 10080)
    ]]))
    error_message = "scheduled_minimum must not have entries that overlap."
  }
}
