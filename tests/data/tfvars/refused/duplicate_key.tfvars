cpu = 80
memory = 85
cpu = 81
