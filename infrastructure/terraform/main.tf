# The autoscaling policy as one value. Your own resources read it from `local.autoscaling_policy`; README.md has examples.

locals {
  autoscaling_policy = {
    scale_out = {
      cpu_percent    = var.cpu_scale_out_percent
      memory_percent = var.memory_scale_out_percent
      latency_p95_ms = var.latency_scale_out_ms
    }
    scale_in = {
      cpu_percent = var.cpu_scale_in_percent
    }
    instances = {
      min = var.min_instances
      max = var.max_instances
    }
    cooldown_minutes = var.cooldown_minutes
  }
}

# Keeps the values in the state, so that a plan shows which of them moves and from where.
resource "terraform_data" "autoscaling_policy" {
  input = local.autoscaling_policy
}
