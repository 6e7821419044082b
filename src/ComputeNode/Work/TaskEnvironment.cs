using System.Collections;
using System.Globalization;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work;

/// <summary>What a task finds in its environment: an allow-list of the node's, the pool's own variables, then what the job set.</summary>
internal static class TaskEnvironment
{
    private static readonly string[] Allowed = ["LANG", "LANGUAGE", "TZ", "TERM"];

    /// <summary>Without these hardly a program starts on Windows.</summary>
    private static readonly string[] AllowedOnWindows = ["SystemRoot", "windir", "ComSpec", "PATHEXT", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE"];

    /// <param name="folder">The work directory as the task sees it.</param>
    /// <param name="runtimeRoot">Where .NET lies, for built-in tasks; null where they bring it along.</param>
    public static List<string> Of(StartAttempt start, TaskTemplate template, string path, string folder, string nodeName, string? runtimeRoot)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (Allowed.Contains(name, StringComparer.Ordinal) || name.StartsWith("LC_", StringComparison.Ordinal)
                || (OperatingSystem.IsWindows() && AllowedOnWindows.Contains(name, StringComparer.OrdinalIgnoreCase)))
            {
                all[name] = (string?)variable.Value ?? "";
            }
        }

        all["PATH"] = path;
        all["HOME"] = folder;
        all["TMPDIR"] = folder == Sandbox.SandboxChoice.WorkFolderInside ? "/tmp" : folder;
        if (OperatingSystem.IsWindows())
        {
            (all["TEMP"], all["TMP"], all["USERPROFILE"]) = (folder, folder, folder);
        }

        all["PYTHONUNBUFFERED"] = "1";
        if (template.BuiltIn is not null && runtimeRoot is not null)
        {
            all["DOTNET_ROOT"] = runtimeRoot;
        }

        foreach (var (name, value) in template.Environment)
        {
            all[name] = value;
        }

        all["AKC_JOB_ID"] = start.JobId;
        all["AKC_TASK_INDEX"] = Text(start.Attempt.Task);
        if (start.TaskCount > 0)
        {
            all["AKC_TASK_COUNT"] = Text(start.TaskCount);
        }

        if (start.Items is var (first, count))
        {
            (all["AKC_ITEM_FIRST"], all["AKC_ITEM_COUNT"]) = (Text(first), Text(count));
        }

        all["AKC_ATTEMPT"] = Text(start.Attempt.Attempt);
        all["AKC_NODE"] = nodeName;
        all["AKC_CORES"] = Text(start.PerTask.Cores);
        return [.. all.Select(v => $"{v.Key}={v.Value}")];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
