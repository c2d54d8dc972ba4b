cpu = "80" # a string that Terraform turns into a number
memory = "85.50"
