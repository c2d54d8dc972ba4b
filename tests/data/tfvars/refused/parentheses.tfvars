cpu = (80)
