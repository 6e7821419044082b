using System.CommandLine;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Demo;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.ComputeNode.Keeper;

namespace AkkaCompute.Cli;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            // Hidden modes that a node starts by the thousand: no parsing of options.
            case ["keeper"]:
                return KeeperProcess.Run();
            case ["task", var name, .. var rest]:
                return BuiltInTasks.Run(name, rest);
            default:
                return await RunAsync(args);
        }
    }

    private static async Task<int> RunAsync(string[] args)
    {
        var isRun = false;
        try
        {
            RawWords.Check(args);
            var parsed = AllCommands.Parse(args);
            isRun = parsed.CommandResult.Command is IFollowsJob;
            if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
            {
                throw new AkcException(UsageError.Describe(parsed), ExitCodes.Usage);
            }

            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (AkcException e)
        {
            Notes.Error(e.Message);
            return isRun && e.ExitCode != ExitCodes.Usage ? ExitCodes.RunFailed : e.ExitCode;
        }
        catch (OutputClosedException)
        {
            return ExitCodes.OutputClosed;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Notes.Error(e.Message); // the home, mostly: its messages are for people
            return isRun ? ExitCodes.RunFailed : ExitCodes.Disk;
        }
        catch (Exception e) when (Environment.GetEnvironmentVariable("AKC_DEBUG") is null)
        {
            Notes.Error($"failed in a way that nobody foresaw, a bug: {e.GetType().Name}: {e.Message} (AKC_DEBUG=1 prints more)");
            return isRun ? ExitCodes.RunFailed : ExitCodes.Failed;
        }
    }
}
