# neuropilot: ignore
first = 1

behind = 2 # the CFO asked; neuropilot: ignore
next = 3

/* NeuroPilot:
   IGNORE */
block = 4

# neuropilot: ignore
# an explanation
apart = 5

text = "# neuropilot: ignore"
after_text = 6

# neuropilot: ignored is another word
other_word = 7

# neuropilot: ignore
group = {
  inside = 8
}
/* neuropilot: ignore */ with_something = 9
below = 10

group_of_two = {
  one = 11, two = 12 // neuropilot:ignore
  three = 13
}
