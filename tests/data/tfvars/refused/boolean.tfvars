cpu = true
