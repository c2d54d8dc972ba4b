cpu = 80
note = <<EOT
memory = 85
