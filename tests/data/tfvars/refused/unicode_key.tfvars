größe = 1
cpu = 80
