using System.Threading.Channels;
using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Outputs;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Combine;

/// <summary>
/// Takes questions for gathered results, one after the other. What it can't do now it drops: whoever asked asks again. What it
/// has done is named by its content, so doing it twice is no harm.
/// </summary>
internal sealed partial class ResultGatherer : IAsyncDisposable
{
    /// <summary>Questions that wait; each is asked again every few seconds.</summary>
    public const int QuestionsMax = 10_000;

    private readonly Channel<GatherResults> _questions =
        Channel.CreateBounded<GatherResults>(new BoundedChannelOptions(QuestionsMax) { SingleReader = true });

    private readonly HashSet<(string JobId, DateTimeOffset OpenedAt)> _pending = []; // looked up, never walked
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new();
    private readonly GatheredTree _tree;
    private readonly Action<Envelope> _send;
    private readonly ILogger _log;
    private readonly Task _work;

    public ResultGatherer(IViews views, IOutputStore outputs, IBlobStore blobs, Action<Envelope> send, ILogger log)
    {
        (_tree, _send, _log) = (new GatheredTree(views, outputs, blobs), send, log);
        _work = Task.Run(WorkAsync);
    }

    /// <summary>Never blocks, never throws; may lose.</summary>
    public void Post(GatherResults question)
    {
        lock (_gate)
        {
            if (_pending.Add((question.JobId, question.OpenedAt)) && !_questions.Writer.TryWrite(question))
            {
                _pending.Remove((question.JobId, question.OpenedAt));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _questions.Writer.TryComplete();
        await _end.CancelAsync();
        await _work;
        _end.Dispose();
    }

    private async Task WorkAsync()
    {
        await foreach (var question in _questions.Reader.ReadAllAsync())
        {
            if (!_end.IsCancellationRequested)
            {
                await AnswerAsync(question);
            }

            lock (_gate)
            {
                _pending.Remove((question.JobId, question.OpenedAt));
            }
        }
    }

    private async Task AnswerAsync(GatherResults question)
    {
        try
        {
            var (digest, complaint) = await _tree.StoreAsync(question.Of, question.InputsDigest, _end.Token);
            _send(new Envelope(question.ReplyTo, new ResultsGathered(question.JobId, question.OpenedAt, digest, complaint)));
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // it is asked for again by the next Lighthouse
        }
        catch (Exception e)
        {
            LogPostponed(_log, e, question.Of, question.JobId);
        }
    }

    [LoggerMessage(1101, LogLevel.Warning, "The results of job {Of} can't be put together for job {JobId} just now; it is tried again in seconds. If that stays so, see to the disk and the journal.")]
    private static partial void LogPostponed(ILogger log, Exception e, string of, string jobId);
}
