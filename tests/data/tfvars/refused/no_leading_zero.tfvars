cpu = .8
