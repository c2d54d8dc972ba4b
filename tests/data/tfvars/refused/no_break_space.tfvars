cpu = 80
