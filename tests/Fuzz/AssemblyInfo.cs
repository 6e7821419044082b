using Xunit;

// Terminals, the environment and the time that an input takes belong to the whole process: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
