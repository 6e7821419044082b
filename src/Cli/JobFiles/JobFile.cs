using System.CommandLine;
using System.Text;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Split;
using AkkaCompute.Lighthouse.Api;

namespace AkkaCompute.Cli.JobFiles;

/// <summary>A job that somebody wrote down.</summary>
/// <param name="Name">As it was typed; <c>-</c> is stdin.</param>
/// <param name="Folder">What its paths are relative to.</param>
internal sealed record JobFile(string Name, string Folder, string Text)
{
    public const string Stdin = "-";

    /// <summary>More than anybody writes; long lists of values stand in files of their own.</summary>
    public const int BytesMax = 1024 * 1024;

    /// <exception cref="AkcException">It can't be read, or is no text.</exception>
    public static async Task<JobFile> ReadAsync(string name, CancellationToken cancel)
    {
        var bytes = new byte[BytesMax + 1];
        int length;
        try
        {
            await using var stream = name == Stdin ? Console.OpenStandardInput() : File.OpenRead(name);
            length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException(
                Directory.Exists(name) ? $"{name} is a directory: submit takes a job file"
                : File.Exists(name) ? $"{name} can't be read: {e.Message}"
                : $"there is no file {name} here", ExitCodes.Failed, e);
        }

        return new JobFile(name, name == Stdin ? "." : Path.GetDirectoryName(Path.GetFullPath(name))!, TextOf(name, bytes.AsSpan(0, length)));
    }

    /// <summary>The job that it says, to be read while its folder is the current one.</summary>
    /// <returns>Null, or good for nothing, when there are errors.</returns>
    public async Task<(RunOrder Order, AfterSubmit Then)?> OrderAsync(JobFileErrors errors, CancellationToken cancel)
    {
        if (YamlReader.Read(Text, errors) is not { } value)
        {
            return null;
        }

        if (value is not YamlMap map)
        {
            errors.Add(value.At, "a job file is keys with values, such as command: train.py");
            return null;
        }

        var words = new JobFileWords(new JobFileKeys(), errors);
        var parsed = words.Parse(map, Name == Stdin);
        var complaints = new Complaints();
        var job = (JobCommand)parsed.CommandResult.Command;
        if (parsed.Errors.Count > 0)
        {
            return null; // and they were told
        }

        var order = await job.ReadAsync(parsed, complaints, cancel);
        foreach (var complaint in complaints.All.Where(complaint => !words.IsRefused(KeyOf(complaint.About))))
        {
            errors.Add(words.PlaceOf(KeyOf(complaint.About), complaint.Index), JobFileWords.InKeys(complaint.Wrong.Message));
        }

        // What else the Lighthouse would refuse.
        foreach (var wrong in SubmitCheck.Errors(order.ToRequest(null, Parts.One)))
        {
            var word = new string([.. wrong.TakeWhile(char.IsAsciiLetter)]);
            var key = JobFileKeys.OfRequest(word);
            errors.Add(words.PlaceOf(key, -1), key + wrong[word.Length..]);
        }

        return (order, job.AfterSubmitOf(parsed));
    }

    private static string? KeyOf(string? about) => about is null ? null : JobFileKeys.KeyOf(about);

    private static string TextOf(string name, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BytesMax)
        {
            throw new AkcException($"{name} has more than {BytesMax >> 20} MiB: a job file names long lists as 'arg-file'", ExitCodes.Usage);
        }

        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF');
        }
        catch (ArgumentException e)
        {
            throw new AkcException($"{name} is no text in UTF-8", ExitCodes.Usage, e);
        }
    }
}
