using System.Collections;
using System.Runtime.CompilerServices;

// The working directory, the environment and the console belong to the whole process: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace AkkaCompute.Cli.Tests;

internal static class CleanEnvironment
{
    /// <summary>Nothing of the person who runs the tests, and no beacon of the LAN, reaches them.</summary>
    [ModuleInitializer]
    internal static void Make()
    {
        foreach (var name in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(v => (string)v.Key).Where(name => name.StartsWith("AKC_")))
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        Environment.SetEnvironmentVariable("AKC_HOME", Path.Combine(Path.GetTempPath(), "akc-test-no-home"));
        Environment.SetEnvironmentVariable("AKC_NO_BEACON", "1");
    }
}
