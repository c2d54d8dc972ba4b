cpu = 80 memory = 85
