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
