memory = 1e9999999
cpu = 80
