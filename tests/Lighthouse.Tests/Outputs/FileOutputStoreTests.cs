using System.Text;
using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Sqlite;
using AkkaCompute.Lighthouse.Outputs;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Lighthouse.Tests.Outputs;

public sealed class FileOutputStoreTests : IAsyncDisposable
{
    private static readonly AttemptRef Attempt = new(7, 1);

    private readonly TempFolder _folder = new();
    private readonly SqlJournal _journal;
    private readonly CommitWriter _writer;
    private readonly JobFeed _feed = new();
    private long _freeBytes = long.MaxValue;

    public FileOutputStoreTests()
    {
        _journal = SqlJournal.Open(new SqliteStore(_folder["pool.db"]));
        _writer = new CommitWriter(_journal, NullLogger.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File7 => _folder["job/7-1.seg"];

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _journal.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Segments_are_acknowledged_and_read_back_with_their_streams()
    {
        await using var outputs = Open();

        (await outputs.AppendAsync(Segment(0, "out", 1), Cancel)).ShouldBe(1);
        (await outputs.AppendAsync(Segment(1, "err", 2), Cancel)).ShouldBe(2);

        (await ReadAsync(outputs)).ShouldBe(["0:1:out", "1:2:err"]);
        (await ReadAsync(outputs, from: 1)).ShouldBe(["1:2:err"]);
        (await ReadAsync(outputs, from: 5)).ShouldBeEmpty();
        (await outputs.CountAsync("job", Attempt, Cancel)).ShouldBe(2);
        (await outputs.CountAsync("job", new(9, 1), Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task A_repeated_segment_changes_nothing_and_one_after_a_gap_is_not_taken()
    {
        await using var outputs = Open();
        (await outputs.AppendAsync(Segment(2, "late"), Cancel)).ShouldBe(0);
        await outputs.AppendAsync(Segment(0, "a"), Cancel);

        (await outputs.AppendAsync(Segment(0, "other"), Cancel)).ShouldBe(1);
        (await outputs.AppendAsync(Segment(2, "late"), Cancel)).ShouldBe(1);
        (await outputs.AppendAsync(Segment(1, "b"), Cancel)).ShouldBe(2);

        (await ReadAsync(outputs)).ShouldBe(["0:1:a", "1:1:b"]);
    }

    [Fact]
    public async Task Many_appends_on_their_way_at_once_are_all_there_after_opening_again()
    {
        await using (var outputs = Open(new OutputLimits(FilesMax: 4)))
        {
            for (var i = 0; i < 200; i++)
            {
                var segment = i;
                await Task.WhenAll(Enumerable.Range(0, 10).Select(
                    task => outputs.AppendAsync(new SegmentFrame("job", new(task, 1), segment, 1, Bytes($"{task}-{segment}")), Cancel)));
                outputs.OpenFiles.ShouldBeLessThanOrEqualTo(4);
            }
        }

        await using var again = Open();
        for (var task = 0; task < 10; task++)
        {
            var read = await ReadAsync(again, new(task, 1));
            read.ShouldBe(Enumerable.Range(0, 200).Select(i => $"{i}:1:{task}-{i}"));
        }
    }

    [Fact]
    public async Task Reading_begins_anywhere_in_a_long_output()
    {
        await using var outputs = Open();
        await Task.WhenAll(Enumerable.Range(0, 1500).Select(i => outputs.AppendAsync(Segment(i, $"s{i}"), Cancel)));

        foreach (var from in new[] { 0, 1, 255, 256, 257, 511, 512, 1023, 1499 })
        {
            var read = await ReadAsync(outputs, from: from);
            read.Count.ShouldBe(1500 - from);
            read[0].ShouldBe($"{from}:1:s{from}");
        }
    }

    [Fact]
    public async Task The_largest_segments_come_back_byte_for_byte()
    {
        await using var outputs = Open();
        var segments = Enumerable.Range(0, 5).Select(i => Enumerable.Repeat((byte)i, SegmentFrame.BytesMax).ToArray()).ToArray();
        for (var i = 0; i < segments.Length; i++)
        {
            await outputs.AppendAsync(new SegmentFrame("job", Attempt, i, 1, segments[i]), Cancel);
        }

        var read = new List<byte[]>();
        await foreach (var segment in outputs.ReadAsync("job", Attempt, 0, Cancel))
        {
            read.Add(segment.Bytes.ToArray());
        }

        read.ShouldBe(segments);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(11)]
    public async Task A_torn_tail_is_cut_off_and_the_segment_taken_again(int bytesLost)
    {
        await WriteAsync("first", "second");
        await using (var file = new FileStream(File7, FileMode.Open))
        {
            file.SetLength(file.Length - bytesLost);
        }

        await using var outputs = Open();
        (await ReadAsync(outputs)).ShouldBe(["0:1:first"]);
        (await outputs.AppendAsync(Segment(2, "third"), Cancel)).ShouldBe(1);
        (await outputs.AppendAsync(Segment(1, "second"), Cancel)).ShouldBe(2);
        (await ReadAsync(outputs)).ShouldBe(["0:1:first", "1:1:second"]);
    }

    [Fact]
    public async Task A_tail_of_the_right_length_and_wrong_bytes_is_cut_off()
    {
        await WriteAsync("first", "second");
        await using (var file = new FileStream(File7, FileMode.Open))
        {
            file.Seek(-3, SeekOrigin.End);
            file.Write([0, 0, 0]);
        }

        await using var outputs = Open();
        (await ReadAsync(outputs)).ShouldBe(["0:1:first"]);
    }

    [Fact]
    public async Task The_end_may_stand_in_the_journal()
    {
        await using var outputs = Open();
        await outputs.AppendAsync(Segment(0, "file"), Cancel);
        var inline = new InlineOutput([new(1, "in".Select(c => (byte)c).ToArray()), new(2, "line".Select(c => (byte)c).ToArray())]);

        _journal.Commit([new JournalAppend("job/job", 0, 1, "[1]"u8.ToArray(), DateTimeOffset.UnixEpoch)
        {
            Inline = [new InlineRow("job", 7, 1, 1, inline), new InlineRow("job", 8, 1, 0, inline)],
        }]);

        (await ReadAsync(outputs)).ShouldBe(["0:1:file", "1:1:in", "2:2:line"]);
        (await ReadAsync(outputs, from: 2)).ShouldBe(["2:2:line"]);
        (await ReadAsync(outputs, new AttemptRef(8, 1))).ShouldBe(["0:1:in", "1:2:line"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)] // of a result that counts so many bytes
    public async Task An_end_that_was_changed_in_the_journal_is_not_given_out(long committed)
    {
        await using var outputs = Open();
        var inline = new InlineOutput([new(1, Bytes("good"))]);
        _journal.Commit([new JournalAppend("job/job", 0, 1, "[1]"u8.ToArray(), DateTimeOffset.UnixEpoch) { Inline = [new InlineRow("job", 7, 1, 0, inline)] }]);
        _journal.Commit([new JournalAction(session => session.Run("UPDATE inline_output SET bytes = $1", InlineBytes.Pack(new([new(1, Bytes("evil"))]))).ShouldBe(1))]);

        var damaged = await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(outputs, committed: committed));

        damaged.Message.ShouldContain("job job, task 7, attempt 1");
        damaged.Message.ShouldContain("backup");
    }

    [Fact]
    public async Task Output_over_the_limit_is_refused_and_what_was_there_stays()
    {
        await using var outputs = Open(new OutputLimits(BytesMax: 30));
        await outputs.AppendAsync(Segment(0, "0123456789"), Cancel);

        await Should.ThrowAsync<OutputLimitException>(() => outputs.AppendAsync(Segment(1, "0123456789"), Cancel));

        (await outputs.AppendAsync(Segment(1, "x"), Cancel)).ShouldBe(2);
        (await ReadAsync(outputs)).ShouldBe(["0:1:0123456789", "1:1:x"]);
    }

    [Fact]
    public async Task A_full_disk_refuses_output_until_there_is_room()
    {
        var time = new ManualTime();
        await using var outputs = Open(time: time);
        _freeBytes = DiskSpace.ReserveBytes;
        (await Should.ThrowAsync<IOException>(() => outputs.AppendAsync(Segment(0, "a"), Cancel))).Message.ShouldStartWith("disk full");
        (await ReadAsync(outputs)).ShouldBeEmpty();

        _freeBytes = long.MaxValue;
        time.Advance(TimeSpan.FromSeconds(1));
        (await outputs.AppendAsync(Segment(0, "a"), Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task Who_watches_the_job_hears_of_output()
    {
        await using var outputs = Open();
        using var subscription = _feed.Subscribe("job");

        await outputs.AppendAsync(Segment(0, "a"), Cancel);

        (await subscription.NextAsync(Cancel)).Tasks.ShouldBe([7]);
    }

    [Fact]
    public async Task A_job_id_that_is_none_reaches_no_file()
    {
        await using var outputs = Open();

        await Should.ThrowAsync<FormatException>(() => outputs.AppendAsync(new SegmentFrame("../x", Attempt, 0, 1, Bytes("a")), Cancel));
    }

    [Fact]
    public async Task After_a_failed_flush_output_is_taken_again_from_what_is_sure()
    {
        var broken = false;
        await using var outputs = Open(flushFolder: _ =>
        {
            if (broken)
            {
                throw new IOException("no flush");
            }
        });
        (await outputs.AppendAsync(Segment(0, "sure"), Cancel)).ShouldBe(1);
        await outputs.AppendAsync(new SegmentFrame("other", Attempt, 0, 1, Bytes("x")), Cancel);

        broken = true;
        await Should.ThrowAsync<IOException>(() => outputs.AppendAsync(new SegmentFrame("third", Attempt, 0, 1, Bytes("a long one")), Cancel));
        broken = false;

        (await outputs.AppendAsync(new SegmentFrame("third", Attempt, 0, 1, Bytes("b")), Cancel)).ShouldBe(1);
        (await outputs.AppendAsync(Segment(1, "still"), Cancel)).ShouldBe(2);
        outputs.Died.IsCompleted.ShouldBeFalse();
        new FileInfo(_folder["third/7-1.seg"]).Length.ShouldBe(SegmentRecord.HeadBytes + 1);
    }

    [Fact]
    public async Task Two_new_files_of_a_folder_both_wait_for_its_flush()
    {
        using var gate = new ManualResetEventSlim();
        using var reached = new SemaphoreSlim(0);
        var flushes = 0;
        await using var outputs = Open(flushFolder: folder =>
        {
            flushes++;
            if (flushes == 1)
            {
                reached.Release();
                gate.Wait(TimeSpan.FromMinutes(1), Cancel);
            }
            else if (flushes == 3)
            {
                throw new IOException("no flush");
            }
        });
        var other = outputs.AppendAsync(new SegmentFrame("other", Attempt, 0, 1, Bytes("x")), Cancel);
        await reached.WaitAsync(Cancel);

        // Both are flushed in the next group; the first flush of their folder fails.
        var first = outputs.AppendAsync(Segment(0, "a"), Cancel);
        var second = outputs.AppendAsync(new SegmentFrame("job", new(8, 1), 0, 1, Bytes("b")), Cancel);
        gate.Set();

        await other;
        await Should.ThrowAsync<IOException>(() => first);
        (await second).ShouldBe(1);
        flushes.ShouldBe(5); // two folders each, and the one that failed
    }

    [Fact]
    public async Task A_file_that_a_killed_Lighthouse_made_is_acknowledged_when_its_name_is_on_disk()
    {
        await WriteAsync("first");
        var flushed = new List<string>();
        await using var outputs = Open(flushFolder: flushed.Add);

        (await outputs.AppendAsync(Segment(0, "first"), Cancel)).ShouldBe(1);
        (await outputs.AppendAsync(Segment(0, "first"), Cancel)).ShouldBe(1);

        flushed.ShouldBe([_folder["job"], _folder.Path]);
    }

    [Fact]
    public async Task A_broken_file_is_dropped_and_opened_again()
    {
        using var file = new SegmentFile(_folder["7-1.seg"]);
        var first = file.Append(Segment(0, "first"), long.MaxValue, _ => { })!.Value;

        file.Flush(_ => throw new InvalidOperationException("whatever it is"));

        await Should.ThrowAsync<IOException>(() => first.Flushed);
        var again = file.Append(Segment(0, "other"), long.MaxValue, _ => { })!.Value;
        (again.Written, again.FlushWanted).ShouldBe((true, true));
        file.Flush(_ => { });
        (await again.Flushed).ShouldBe(1);
    }

    [Fact]
    public async Task Committed_output_that_is_missing_or_damaged_is_not_given_out_as_whole()
    {
        await WriteAsync("first", "second", "third");
        await using var outputs = Open();
        (await ReadAsync(outputs, committed: 16)).Count.ShouldBe(3);
        await using (var file = new FileStream(File7, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Seek(SegmentRecord.HeadBytes + 5 + SegmentRecord.HeadBytes + 2, SeekOrigin.Begin);
            file.Write([0]);
        }

        var read = new List<string>();
        var damaged = await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(outputs, into: read, committed: 16));

        read.ShouldBe(["0:1:first"]);
        damaged.Message.ShouldContain("job job, task 7");
        await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(outputs, from: 3, committed: 17));
        await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(outputs, new AttemptRef(9, 1), committed: 1));
    }

    [Fact]
    public async Task Committed_output_that_is_whole_is_so_from_wherever_it_is_read()
    {
        await using var outputs = Open();
        await outputs.AppendAsync(Segment(0, "first"), Cancel);
        await outputs.AppendAsync(Segment(1, "second"), Cancel);
        var inline = new InlineOutput([new(1, Bytes("end"))]);
        _journal.Commit([new JournalAppend("job/job", 0, 1, "[1]"u8.ToArray(), DateTimeOffset.UnixEpoch) { Inline = [new InlineRow("job", 7, 1, 2, inline)] }]);

        for (var from = 0; from < 5; from++)
        {
            (await ReadAsync(outputs, from: from, committed: 14)).Count.ShouldBe(Math.Max(0, 3 - from));
        }

        await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(outputs, from: 2, committed: 15));
    }

    [Fact]
    public async Task Opening_a_long_output_reads_its_heads()
    {
        var segments = Enumerable.Range(0, 400).Select(i => new SegmentFrame("job", Attempt, i, 1, new byte[i % 2 == 0 ? SegmentFrame.BytesMax : 3])).ToArray();
        await using (var outputs = Open())
        {
            await Task.WhenAll(segments.Select(s => outputs.AppendAsync(s, Cancel)));
        }

        var index = SegmentIndex.Scan(File7);

        (index.Next, index.Length).ShouldBe((400, new FileInfo(File7).Length));
        if (OperatingSystem.IsLinux())
        {
            var before = BytesRead();
            SegmentIndex.Scan(File7);
            (BytesRead() - before).ShouldBeLessThan((Protocol.Link.LinkTimes.WindowBytesMax * 2) + (index.Length / 4)); // the doubtful end is read whole
        }
    }

    // Of this thread alone.
    private static long BytesRead() =>
        long.Parse(File.ReadLines("/proc/thread-self/io").First(l => l.StartsWith("rchar:", StringComparison.Ordinal))[6..], System.Globalization.CultureInfo.InvariantCulture);

    private static SegmentFrame Segment(int number, string text, int stream = 1) => new("job", Attempt, number, stream, Bytes(text));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static async Task<List<string>> ReadAsync(
        FileOutputStore outputs, AttemptRef? attempt = null, int from = 0, long committed = 0, List<string>? into = null)
    {
        var read = into ?? [];
        await foreach (var segment in outputs.ReadAsync("job", attempt ?? Attempt, from, Cancel, committed))
        {
            read.Add($"{segment.Segment}:{segment.Stream}:{Encoding.UTF8.GetString(segment.Bytes.Span)}");
        }

        return read;
    }

    private async Task WriteAsync(params string[] segments)
    {
        await using var outputs = Open();
        for (var i = 0; i < segments.Length; i++)
        {
            await outputs.AppendAsync(Segment(i, segments[i]), Cancel);
        }
    }

    private FileOutputStore Open(OutputLimits? limits = null, TimeProvider? time = null, Action<string>? flushFolder = null) => new(
        _folder.Path, limits ?? new OutputLimits(), new DiskSpace(() => _freeBytes, time ?? TimeProvider.System), _feed,
        new PoolDatabase(_writer, _journal.Readers), flushFolder);
}
