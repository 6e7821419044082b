using System.Collections;
using System.Globalization;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work;

/// <summary>What a task finds in its environment: an allow-list of the node's, the pool's own variables, then what the job set.</summary>
internal static class TaskEnvironment
{
    private static readonly string[] Allowed = ["LANG", "LANGUAGE", "TZ", "TERM"];

    public static List<string> Of(StartAttempt start, TaskTemplate template, string path, string folder, string nodeName)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (Allowed.Contains(name, StringComparer.Ordinal) || name.StartsWith("LC_", StringComparison.Ordinal))
            {
                all[name] = (string?)variable.Value ?? "";
            }
        }

        all["PATH"] = path;
        all["HOME"] = folder;
        all["TMPDIR"] = folder == Sandbox.SandboxChoice.WorkFolderInside ? "/tmp" : folder;
        all["PYTHONUNBUFFERED"] = "1";
        foreach (var (name, value) in template.Environment)
        {
            all[name] = value;
        }

        all["AKC_JOB_ID"] = start.JobId;
        all["AKC_TASK_INDEX"] = Text(start.Attempt.Task);
        all["AKC_TASK_COUNT"] = Text(start.TaskCount);
        all["AKC_ATTEMPT"] = Text(start.Attempt.Attempt);
        all["AKC_NODE"] = nodeName;
        all["AKC_CORES"] = Text(start.PerTask.Cores);
        return [.. all.Select(v => $"{v.Key}={v.Value}")];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
