window = 40 * 2
regions = ["eu", "us", # }
]
nothing = null
enabled = true
parens = (80)
text = "cpu = 5 # { \" ${"$"}{x} %%{y} $${z}"
empty = {}
cpu = 80
negated = -(3)
