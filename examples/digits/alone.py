# The same on one machine, in one piece: alone.py OUT
import sys
import numpy as np
from sklearn.naive_bayes import MultinomialNB
import bayes

labels, images = bayes.read("train.csv")
ids, unknown = bayes.read("test.csv")
model = MultinomialNB().fit(images, np.array(labels, dtype=int))
bayes.write(sys.argv[1], ["id", "label"], zip(ids, model.predict(unknown)))
