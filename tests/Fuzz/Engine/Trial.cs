using System.Diagnostics;
using System.Text;

namespace AkkaCompute.Fuzz.Engine;

internal sealed record Failure(string Kind, string Story);

/// <summary>One input's run, judged.</summary>
internal readonly record struct Trial(string? Outcome, Failure? Failure)
{
    /// <summary>A busy machine may stall one run; a hang stalls all of them.</summary>
    private const int TimeTries = 3;

    private const int OutcomeLengthMax = 100;

    public static Trial Of(IFuzzTarget target, byte[] input, Watch watch)
    {
        var tries = 0;
        while (true)
        {
            var (trial, tookTooLong) = Once(target, input, watch);
            if (!tookTooLong || ++tries == TimeTries)
            {
                return trial;
            }
        }
    }

    private static (Trial Trial, bool TookTooLong) Once(IFuzzTarget target, byte[] input, Watch watch)
    {
        var bounds = target.Bounds;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var began = watch.Began(input);
        try
        {
            var outcome = target.Run(input);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            var took = Stopwatch.GetElapsedTime(began);
            if (took > bounds.Time)
            {
                return (new(null, new Failure("too slow", $"took {took.TotalMilliseconds:0} ms, at most {bounds.Time.TotalMilliseconds:0} are allowed; {outcome}")), true);
            }

            return allocated > bounds.BytesMax(input.Length)
                ? (new(null, new Failure("too much memory", $"allocated {allocated} bytes for {input.Length}, at most {bounds.BytesMax(input.Length)} are allowed; {outcome}")), false)
                : (new(Short(outcome), null), false);
        }
        catch (BrokenPromiseException e)
        {
            return (new(null, new Failure(Short(e.Message), e.ToString())), false);
        }
        catch (Exception e)
        {
            return (new(null, new Failure($"{e.GetType().Name} at {Site(e)}", e.ToString())), false);
        }
        finally
        {
            watch.Ended();
        }
    }

    /// <summary>Without what differs from input to input: numbers, and what is quoted.</summary>
    private static string Short(string outcome)
    {
        var text = new StringBuilder(OutcomeLengthMax);
        var (quote, before) = ('\0', ' ');
        foreach (var c in outcome.AsSpan(0, outcome.IndexOf(" Path: ", StringComparison.Ordinal) is >= 0 and var path ? path : outcome.Length))
        {
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if ((c is '\'' or '"') && !char.IsLetter(before)) // no apostrophe
            {
                quote = c;
            }
            else if (!char.IsAsciiDigit(c))
            {
                text.Append(c);
            }

            before = c;
            if (text.Length == OutcomeLengthMax)
            {
                break;
            }
        }

        return text.ToString();
    }

    private static string Site(Exception e)
    {
        var frame = new StackTrace(e).GetFrames().FirstOrDefault(f => f.GetMethod()?.DeclaringType?.Namespace?.StartsWith("AkkaCompute", StringComparison.Ordinal) == true);
        var method = frame?.GetMethod();
        return method is null ? "?" : $"{method.DeclaringType!.Name}.{method.Name}+{frame!.GetILOffset()}";
    }
}
