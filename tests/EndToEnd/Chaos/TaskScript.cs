using System.Globalization;
using System.Text;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>
/// What the tasks of a job under test do, known to the byte: numbered lines on stdout, a result file, an exit code; and marks in the
/// history, a file for each attempt outside of the pool's reach (so nodes under test run tasks without a sandbox).
/// </summary>
/// <param name="Lines">Lines on stdout.</param>
/// <param name="Pause">Seconds before each line.</param>
/// <param name="Padding">Bytes of each line beside its numbers.</param>
/// <param name="ResultBytes">Bytes of the result file; 0 for none.</param>
/// <param name="InputBytes">Bytes of the input file that it checks; 0 for none.</param>
/// <param name="FailingAttempts">Attempts up to this number end with <see cref="FailureCode"/>.</param>
internal sealed record TaskScript(
    int Lines, double Pause, int Padding = 0, int ResultBytes = 0, int InputBytes = 0, int FailingAttempts = 0)
{
    public const int FailureCode = 7;
    public const int WrongInputCode = 99;
    public const string InputName = "input.bin";
    public const string ResultName = "result.txt";

    /// <summary>Where an attempt's marks are, below the folder that <c>CHAOS_HISTORY</c> names.</summary>
    public static string MarksFile(string job, int task, int attempt) => string.Create(CultureInfo.InvariantCulture, $"{job}_{task}_{attempt}");

    // A mark is one write to a file that is open for appending. /proc/uptime is the computer's monotonic time, the same for all hosts here.
    private const string Text = """
        marks="$CHAOS_HISTORY/${AKC_JOB_ID}_${AKC_TASK_INDEX}_${AKC_ATTEMPT}"
        mark() { read -r up rest < /proc/uptime; echo "$1 $up $AKC_NODE $$" >> "$marks"; }
        mark start
        code=0
        if [ -n "$CHAOS_INPUT" ]; then
            set -- $(sha256sum input.bin); [ "$1" = "$CHAOS_INPUT" ] || code=99
        fi
        i=0
        while [ "$i" -lt "$CHAOS_LINES" ]; do
            [ "$CHAOS_PAUSE" = 0 ] || sleep "$CHAOS_PAUSE"
            echo "$AKC_TASK_INDEX $AKC_ATTEMPT $i $CHAOS_PADDING"
            i=$((i + 1))
        done
        if [ "$CHAOS_RESULT" -gt 0 ]; then
            { echo "$AKC_JOB_ID $AKC_TASK_INDEX $AKC_ATTEMPT $AKC_NODE"; head -c "$CHAOS_RESULT" /dev/zero | tr '\0' r; } > result.txt
        fi
        [ "$code" -ne 0 ] || [ "$AKC_ATTEMPT" -gt "$CHAOS_FAILING" ] || code=7
        mark "end:$code"
        exit "$code"
        """;

    public IReadOnlyList<string> Command { get; } = ["sh", "-c", Text];

    /// <summary>Bytes that its input file holds.</summary>
    public byte[] Input
    {
        get
        {
            var bytes = new byte[InputBytes];
            new Random(InputBytes).NextBytes(bytes);
            return bytes;
        }
    }

    public Dictionary<string, string> Environment(string history) => new()
    {
        ["CHAOS_HISTORY"] = history,
        ["CHAOS_LINES"] = Number(Lines),
        ["CHAOS_PAUSE"] = Number(Pause),
        ["CHAOS_PADDING"] = new string('p', Padding),
        ["CHAOS_RESULT"] = Number(ResultBytes),
        ["CHAOS_INPUT"] = InputBytes > 0 ? Protocol.Blobs.Digest.Of(Input) : "",
        ["CHAOS_FAILING"] = Number(FailingAttempts),
    };

    /// <summary>What an attempt ends with that runs to its end and got its input.</summary>
    public int ExitCode(int attempt) => attempt <= FailingAttempts ? FailureCode : 0;

    /// <summary>Every byte that an attempt which ran to its end has printed.</summary>
    public string Output(int task, int attempt)
    {
        var text = new StringBuilder();
        for (var line = 0; line < Lines; line++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{task} {attempt} {line} {new string('p', Padding)}\n");
        }

        return text.ToString();
    }

    /// <summary>Its result file.</summary>
    public string Result(string job, int task, int attempt, string node) =>
        string.Create(CultureInfo.InvariantCulture, $"{job} {task} {attempt} {node}\n") + new string('r', ResultBytes);

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);
}
