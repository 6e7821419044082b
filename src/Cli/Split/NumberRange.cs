using System.Globalization;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Split;

/// <summary><c>A..B</c> or <c>A..B..STEP</c>, both ends included; a B below A counts down.</summary>
internal sealed record NumberRange(long First, long Step, int Count)
{
    /// <param name="option">What it was typed behind.</param>
    /// <exception cref="AkcException">It is no range, or too long.</exception>
    public static NumberRange Parse(string text, string option = "--range")
    {
        var parts = text.Split("..");
        if (parts.Length is not (2 or 3) || !TryNumber(parts[0], out var first) || !TryNumber(parts[1], out var last))
        {
            throw Wrong(option, text, "write A..B or A..B..STEP, such as 1..1200 or 0..100..5");
        }

        var isDown = last < first;
        var step = isDown ? -1L : 1;
        if (parts.Length == 3)
        {
            if (!TryNumber(parts[2], out step) || step is 0 or long.MinValue)
            {
                throw Wrong(option, text, "the step is a whole number, but not 0");
            }

            if (step < 0 && !isDown)
            {
                throw Wrong(option, text, $"a step of {step} never gets from {first} to {last}");
            }

            step = isDown ? -Math.Abs(step) : step; // 10..1..3 says the direction already
        }

        var count = (((Int128)last - first) / step) + 1;
        if (first + (step * count) is var behind && (behind > long.MaxValue || behind < long.MinValue))
        {
            throw Wrong(option, text, "it comes too near to the end of what 64 bits count");
        }

        return count <= JobSpec.TaskCountMax
            ? new NumberRange(first, step, (int)count)
            : throw Wrong(option, text, $"that are {count} numbers, more than the {JobSpec.TaskCountMax} of one job: take a step and let each task do all between");
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static AkcException Wrong(string option, string text, string why) => new($"{option} is '{text}': {why}", ExitCodes.Usage);
}
