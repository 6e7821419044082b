# What the digits of a part are: predict.py IN OUT
import sys
import bayes

_, sums = bayes.read("model.csv")
ids, images = bayes.read(sys.argv[1])
bayes.write(sys.argv[2], ["id", "label"], zip(ids, bayes.model_of(sums).predict(images)))
