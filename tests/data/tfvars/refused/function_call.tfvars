cpu = 80
memory = max(85, 86)
