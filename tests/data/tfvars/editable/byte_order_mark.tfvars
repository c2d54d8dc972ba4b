# saved by an editor that marks its files
cpu = 80
memory = 85
