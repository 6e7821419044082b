# Naive Bayes by scikit-learn. All that it learns is sums, so parts can be learned apart and added up, to the last bit.
import csv
import numpy as np
from sklearn.naive_bayes import MultinomialNB

CLASSES = np.arange(10)


def read(name):
    """The first column, and the others as numbers."""
    with open(name, newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [row[0] for row in rows], np.array([row[1:] for row in rows], dtype=float)


def write(name, head, rows):
    with open(name, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


def learn(labels, images):
    """Of each class how many images there were, and the sum of each pixel."""
    model = MultinomialNB().partial_fit(images, np.array(labels, dtype=int), CLASSES)
    return np.column_stack([model.class_count_, model.feature_count_]).astype(int)


def model_of(sums):
    """The model that has learned these: each class in one go."""
    return MultinomialNB(class_prior=sums[:, 0] / sums[:, 0].sum()).fit(sums[:, 1:], CLASSES)
