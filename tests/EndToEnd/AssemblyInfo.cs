// These tests measure and load the whole machine: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
