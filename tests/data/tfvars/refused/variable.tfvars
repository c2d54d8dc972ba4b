cpu = var.other
