memory = 85
cpu = 40 * 2
