# One part of the table: train.py IN OUT
import sys
import bayes

labels, images = bayes.read(sys.argv[1])
sums = bayes.learn(labels, images)
bayes.write(sys.argv[2], ["class", "count", *(f"p{i}" for i in range(64))], [[i, *row] for i, row in enumerate(sums)])
print(f"learned {len(labels)} digits")
