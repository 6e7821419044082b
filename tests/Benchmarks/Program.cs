using AkkaCompute.Benchmarks;

// eng/bench [--tasks 2000] [--echoes 200] [--rounds 3] [--jobs 100000]
var options = BenchOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine("usage: eng/bench [--tasks N] [--echoes N] [--rounds N] [--jobs N]");
    return 2;
}

Console.WriteLine($"{Environment.ProcessorCount} cores, {options.Rounds} rounds in turn, medians; journal in {Path.GetTempPath()}");
await Throughput.RunAsync(options);
await Latency.RunAsync(options);
await Restart.RunAsync(options);
return 0;
