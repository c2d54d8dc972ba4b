limits = {
  memory = { cpu = 1, max = 85 }
  cpu = {
    max = 80 # a limit below a limit
    min = 30
  }
}
cpu = 3
