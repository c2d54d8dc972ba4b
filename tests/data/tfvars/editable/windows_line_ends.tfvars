# saved on Windows
cpu    = 80 # mean CPU
memory = 85
note   = <<EOT
cpu = 55
EOT
