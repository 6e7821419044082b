from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

X, y = make_classification(n_samples=10000, n_features=20, random_state=1)
clf = RandomForestClassifier(n_estimators=100, random_state=1)
clf.fit(X, y)
print(f"Accuracy: {clf.score(X, y):.4f}")
