# `terraform test` plans with each value just outside its bounds and expects the plan to fail at that variable.

variables {
  cpu_scale_out_percent    = 80
  cpu_scale_in_percent     = 30
  memory_scale_out_percent = 85
  latency_scale_out_ms     = 350
  min_instances            = 2
  max_instances            = 12
  cooldown_minutes         = 5
}

run "values_inside_are_planned" {
  command = plan

  assert {
    condition     = terraform_data.autoscaling_policy.input.scale_out.cpu_percent == 80
    error_message = "The policy does not hold the value of cpu_scale_out_percent."
  }
}

run "lower_bounds_are_allowed" {
  command = plan

  variables {
    cpu_scale_out_percent    = 50
    cpu_scale_in_percent     = 20
    memory_scale_out_percent = 60
    latency_scale_out_ms     = 100
    min_instances            = 1
    max_instances            = 2
    cooldown_minutes         = 1
  }
}

run "upper_bounds_are_allowed" {
  command = plan

  variables {
    cpu_scale_out_percent    = 90
    cpu_scale_in_percent     = 70
    memory_scale_out_percent = 95
    latency_scale_out_ms     = 2000
    min_instances            = 20
    max_instances            = 100
    cooldown_minutes         = 30
  }
}

run "cpu_scale_out_below_its_bound" {
  command = plan
  variables {
    cpu_scale_out_percent = 49
  }
  expect_failures = [var.cpu_scale_out_percent]
}

run "cpu_scale_out_above_its_bound" {
  command = plan
  variables {
    cpu_scale_out_percent = 91
  }
  expect_failures = [var.cpu_scale_out_percent]
}

run "cpu_scale_in_below_its_bound" {
  command = plan
  variables {
    cpu_scale_in_percent = 19
  }
  expect_failures = [var.cpu_scale_in_percent]
}

run "cpu_scale_in_above_its_bound" {
  command = plan
  variables {
    cpu_scale_out_percent = 90
    cpu_scale_in_percent  = 71
  }
  expect_failures = [var.cpu_scale_in_percent]
}

run "cpu_scale_in_too_close_to_scale_out" {
  command = plan
  variables {
    cpu_scale_out_percent = 60
    cpu_scale_in_percent  = 53
  }
  expect_failures = [var.cpu_scale_in_percent]
}

run "memory_scale_out_below_its_bound" {
  command = plan
  variables {
    memory_scale_out_percent = 59
  }
  expect_failures = [var.memory_scale_out_percent]
}

run "memory_scale_out_above_its_bound" {
  command = plan
  variables {
    memory_scale_out_percent = 96
  }
  expect_failures = [var.memory_scale_out_percent]
}

run "latency_scale_out_below_its_bound" {
  command = plan
  variables {
    latency_scale_out_ms = 99
  }
  expect_failures = [var.latency_scale_out_ms]
}

run "latency_scale_out_above_its_bound" {
  command = plan
  variables {
    latency_scale_out_ms = 2001
  }
  expect_failures = [var.latency_scale_out_ms]
}

run "min_instances_below_its_bound" {
  command = plan
  variables {
    min_instances = 0
  }
  expect_failures = [var.min_instances]
}

run "min_instances_above_its_bound" {
  command = plan
  variables {
    min_instances = 21
    max_instances = 100
  }
  expect_failures = [var.min_instances]
}

run "half_an_instance_at_least" {
  command = plan
  variables {
    min_instances = 2.5
  }
  expect_failures = [var.min_instances]
}

run "half_an_instance_at_most" {
  command = plan
  variables {
    max_instances = 12.5
  }
  expect_failures = [var.max_instances]
}

run "max_instances_below_its_bound" {
  command = plan
  variables {
    min_instances = 1
    max_instances = 1
  }
  expect_failures = [var.max_instances]
}

run "max_instances_above_its_bound" {
  command = plan
  variables {
    max_instances = 101
  }
  expect_failures = [var.max_instances]
}

run "max_instances_below_min_instances" {
  command = plan
  variables {
    min_instances = 5
    max_instances = 4
  }
  expect_failures = [var.max_instances]
}

run "cooldown_below_its_bound" {
  command = plan
  variables {
    cooldown_minutes = 0
  }
  expect_failures = [var.cooldown_minutes]
}

run "cooldown_above_its_bound" {
  command = plan
  variables {
    cooldown_minutes = 31
  }
  expect_failures = [var.cooldown_minutes]
}

run "without_mode_and_schedule_the_thresholds_count" {
  command = plan

  assert {
    condition     = local.autoscaling_policy.mode == "threshold" && length(local.autoscaling_policy.minimum_changes) == 0
    error_message = "Values of before scaling_mode and scheduled_minimum must plan as they did."
  }
}

run "an_unknown_scaling_mode" {
  command = plan
  variables {
    scaling_mode = "predictive"
  }
  expect_failures = [var.scaling_mode]
}

run "a_schedule_becomes_cron_expressions_and_moments" {
  command = plan

  variables {
    scaling_mode = "target"
    scheduled_minimum = [
      { from_minute_of_week = 420, to_minute_of_week = 1140, min_instances = 6 },
      { from_minute_of_week = 1140, to_minute_of_week = 1200, min_instances = 4 },
      { from_minute_of_week = 9960, to_minute_of_week = 120, min_instances = 3 },
    ]
  }

  assert {
    condition = local.autoscaling_policy.scheduled_minimum == [
      { from = "0 7 * * 1", to = "0 19 * * 1", min_instances = 6 },
      { from = "0 19 * * 1", to = "0 20 * * 1", min_instances = 4 },
      { from = "0 22 * * 0", to = "0 2 * * 1", min_instances = 3 },
    ]
    error_message = "The cron expressions are not those of the schedule."
  }

  assert {
    condition = [for one in local.autoscaling_policy.minimum_changes : [one.minute_of_week, one.min_instances]] == [
      [120, 2], [420, 6], [1140, 4], [1200, 2], [9960, 3],
    ]
    error_message = "The moments are not those at which the minimum changes."
  }
}

run "a_whole_week_may_be_scheduled" {
  command = plan

  variables {
    scheduled_minimum = [{ from_minute_of_week = 0, to_minute_of_week = 10080, min_instances = 12 }]
  }

  assert {
    condition     = [for one in local.autoscaling_policy.minimum_changes : one.min_instances] == [12]
    error_message = "The minimum holds all week."
  }
}

run "a_schedule_that_begins_after_the_week" {
  command = plan
  variables {
    scheduled_minimum = [{ from_minute_of_week = 10080, to_minute_of_week = 60, min_instances = 3 }]
  }
  expect_failures = [var.scheduled_minimum]
}

run "a_schedule_that_ends_after_the_week" {
  command = plan
  variables {
    scheduled_minimum = [{ from_minute_of_week = 60, to_minute_of_week = 10081, min_instances = 3 }]
  }
  expect_failures = [var.scheduled_minimum]
}

run "a_schedule_that_lasts_no_time" {
  command = plan
  variables {
    scheduled_minimum = [{ from_minute_of_week = 60, to_minute_of_week = 60, min_instances = 3 }]
  }
  expect_failures = [var.scheduled_minimum]
}

run "a_schedule_below_its_bound" {
  command = plan
  variables {
    scheduled_minimum = [{ from_minute_of_week = 60, to_minute_of_week = 120, min_instances = 0 }]
  }
  expect_failures = [var.scheduled_minimum]
}

run "a_schedule_above_its_bound" {
  command = plan
  variables {
    max_instances     = 100
    scheduled_minimum = [{ from_minute_of_week = 60, to_minute_of_week = 120, min_instances = 21 }]
  }
  expect_failures = [var.scheduled_minimum]
}

run "a_schedule_above_max_instances" {
  command = plan
  variables {
    scheduled_minimum = [{ from_minute_of_week = 60, to_minute_of_week = 120, min_instances = 13 }]
  }
  expect_failures = [var.scheduled_minimum]
}

run "a_schedule_of_half_instances" {
  command = plan
  variables {
    scheduled_minimum = [{ from_minute_of_week = 60, to_minute_of_week = 120, min_instances = 2.5 }]
  }
  expect_failures = [var.scheduled_minimum]
}

run "a_schedule_of_half_minutes" {
  command = plan
  variables {
    scheduled_minimum = [{ from_minute_of_week = 60.5, to_minute_of_week = 120, min_instances = 3 }]
  }
  expect_failures = [var.scheduled_minimum]
}

run "a_schedule_that_overlaps" {
  command = plan
  variables {
    scheduled_minimum = [
      { from_minute_of_week = 60, to_minute_of_week = 120, min_instances = 3 },
      { from_minute_of_week = 119, to_minute_of_week = 180, min_instances = 4 },
    ]
  }
  expect_failures = [var.scheduled_minimum]
}

run "a_schedule_that_overlaps_over_the_end_of_the_week" {
  command = plan
  variables {
    scheduled_minimum = [
      { from_minute_of_week = 10000, to_minute_of_week = 120, min_instances = 3 },
      { from_minute_of_week = 60, to_minute_of_week = 180, min_instances = 4 },
    ]
  }
  expect_failures = [var.scheduled_minimum]
}

run "a_schedule_of_too_many_entries" {
  command = plan
  variables {
    scheduled_minimum = [for hour in range(29) :
      { from_minute_of_week = hour * 60, to_minute_of_week = hour * 60 + 60, min_instances = 3 }
    ]
  }
  expect_failures = [var.scheduled_minimum]
}
