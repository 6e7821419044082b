import numpy as np

A = np.random.default_rng(1).random((1000, 1000))
B = np.random.default_rng(2).random((1000, 1000))
C = np.dot(A, B)
print(f"Result shape: {C.shape}")
print(f"Sum: {C.sum():.2f}")
