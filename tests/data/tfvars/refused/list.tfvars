cpu = [80]
