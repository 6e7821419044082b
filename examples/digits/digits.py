# The digits that come with scikit-learn, as three tables: to learn from, to be told, and what is right for those.
import csv
from sklearn.datasets import load_digits

digits = load_digits()
pixels = [f"p{i}" for i in range(64)]
tables = {"train.csv": [["label", *pixels]], "test.csv": [["id", *pixels]], "solution_test.csv": [["id", "label"]]}
for i, (image, label) in enumerate(zip(digits.data.astype(int), digits.target)):
    if i % 5:
        tables["train.csv"].append([label, *image])
    else:
        tables["test.csv"].append([i, *image])
        tables["solution_test.csv"].append([i, label])

for name, rows in tables.items():
    with open(name, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    print(name, len(rows) - 1)
