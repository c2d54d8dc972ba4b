memory = {
  max = 85

cpu = 80
