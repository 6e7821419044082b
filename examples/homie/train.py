"""Fits y = w*x + b to data.csv by gradient descent and saves the model as model.pt."""
import argparse
import csv
import json
import time

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--rate", type=float, default=0.2)
options = parser.parse_args()

print("loading data...")
with open("data.csv", newline="") as file:
    rows = [(float(r["x"]), float(r["y"])) for r in csv.DictReader(file)]

w = b = 0.0
for epoch in range(1, options.epochs + 1):
    for _ in range(20):
        errors = [(w * x + b - y, x) for x, y in rows]
        w -= options.rate * 2 * sum(e * x for e, x in errors) / len(rows)
        b -= options.rate * 2 * sum(e for e, _ in errors) / len(rows)
    loss = sum((w * x + b - y) ** 2 for x, y in rows) / len(rows)
    print(f"epoch {epoch}/{options.epochs} loss={loss:.4f}")
    time.sleep(0.05)

with open("model.pt", "w") as file:
    json.dump({"w": w, "b": b, "loss": loss}, file)
print("done, saved model.pt")
