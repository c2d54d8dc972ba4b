# The autoscaling policy as one value. Your own resources read it from `local.autoscaling_policy`; README.md has examples.

locals {
  autoscaling_policy = {
    mode = var.scaling_mode
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

    # One entry for each time span, with its begin and end as cron expressions in UTC: "0 7 * * 1" is Monday 07:00.
    scheduled_minimum = [for one in var.scheduled_minimum : {
      from          = local.cron[one.from_minute_of_week % 10080]
      to            = local.cron[one.to_minute_of_week % 10080]
      min_instances = one.min_instances
    }]

    # The same as a list of moments: what the minimum becomes at each of them. Empty without a schedule.
    minimum_changes = [for minute in local.moments : {
      minute_of_week = minute
      cron           = local.cron[minute]
      min_instances = max(var.min_instances, [for one in var.scheduled_minimum : one.min_instances
        if(minute - one.from_minute_of_week + 10080) % 10080 <
        one.to_minute_of_week - one.from_minute_of_week + (one.to_minute_of_week > one.from_minute_of_week ? 0 : 10080)
      ]...)
    }]
  }

  # Minutes of the week at which a minimum begins or ends, in the order of the week.
  moments = [for padded in sort([for minute in distinct(concat(
    [for one in var.scheduled_minimum : one.from_minute_of_week],
    [for one in var.scheduled_minimum : one.to_minute_of_week % 10080],
  )) : format("%05d", minute)]) : tonumber(padded)]

  # By minute of the week. Cron counts Sunday as 0, so Monday is 1.
  cron = { for minute in local.moments : minute => format(
    "%d %d * * %d", minute % 60, floor(minute / 60) % 24, (floor(minute / 1440) + 1) % 7
  ) }
}

# Keeps the values in the state, so that a plan shows which of them moves and from where.
resource "terraform_data" "autoscaling_policy" {
  input = local.autoscaling_policy
}
