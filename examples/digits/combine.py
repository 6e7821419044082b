# All parts together: model.csv
import glob
import bayes

parts = [bayes.read(name)[1] for name in glob.glob("results/*/out.csv")]
model = sum(parts).astype(int)
bayes.write("model.csv", ["class", "count", *(f"p{i}" for i in range(64))], [[i, *row] for i, row in enumerate(model)])
print(f"model.csv: {model[:, 0].sum()} digits")
