cpu = <<EOT
80
EOT
