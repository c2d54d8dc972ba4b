output "autoscaling_policy" {
  description = "The thresholds as they stand, for other modules and for `terraform output -json`."
  value       = local.autoscaling_policy
}
