all = {
  limits = { cpu = 80 }
  limits = { memory = 85 }
}
