runbook = <<EOT
cpu = 55
# neuropilot: ignore
EOT
indented = <<-END
    cpu = 56
    END
cpu = 80
after = <<EOT
cpu = 57
EOT
