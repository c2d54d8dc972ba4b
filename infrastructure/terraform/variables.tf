# The bounds are those of `knobs` in ai_ops/config/ops_config.yaml, which a test compares with these.
# They are stated here as well so that no plan passes with a value outside them, whoever wrote it.

variable "cpu_scale_out_percent" {
  description = "Add instances above this mean CPU, in percent."
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

  # The last line of defence against flapping. NeuroPilot itself keeps the wider `scale_gap_percent`.
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
