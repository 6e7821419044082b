using System.Globalization;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>What an attempt wrote of itself.</summary>
/// <param name="Kind"><c>start</c>, or <c>end</c> just before its process ends.</param>
/// <param name="At">Seconds of the computer's monotonic time.</param>
internal sealed record Mark(string Job, int Task, int Attempt, string Kind, int? ExitCode, double At, string Node, int Pid);

/// <summary>All marks of all attempts, as they stand in the history's folder.</summary>
internal sealed class History
{
    private readonly ILookup<(string Job, int Task, int Attempt), Mark> byAttempt;

    public History(IEnumerable<Mark> marks)
    {
        Marks = [.. marks.OrderBy(m => m.At)];
        byAttempt = Marks.ToLookup(m => (m.Job, m.Task, m.Attempt));
    }

    public IReadOnlyList<Mark> Marks { get; }

    public IEnumerable<Mark> Starts => Marks.Where(m => m.Kind == "start");

    /// <summary>The clock that marks are made with.</summary>
    public static double Now => double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);

    public static History Read(string folder)
    {
        var marks = new List<Mark>();
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            var name = Path.GetFileName(file).Split('_');
            foreach (var line in File.ReadAllText(file).Split('\n')[..^1]) // what has no end of line yet is still being written
            {
                var words = line.Split(' ');
                var kind = words[0].Split(':');
                marks.Add(new Mark(
                    name[0], Int(name[1]), Int(name[2]), kind[0], kind.Length > 1 ? Int(kind[1]) : null,
                    double.Parse(words[1], CultureInfo.InvariantCulture), words[2], Int(words[3])));
            }
        }

        return new History(marks);
    }

    public IEnumerable<Mark> Of(string job, int task, int attempt) => byAttempt[(job, task, attempt)];

    private static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
