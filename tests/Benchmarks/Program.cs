using AkkaCompute.Protocol;

// To be replaced by the benchmarks.
Console.WriteLine($"{ProductInfo.Name} {ProductInfo.Version}: no benchmarks yet");
