memory = 85
# cpu = 80
