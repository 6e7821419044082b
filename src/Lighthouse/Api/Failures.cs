using System.Net.Sockets;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Api;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>Turns what an endpoint throws into the one line that a person can use.</summary>
internal sealed partial class Failures(ILogger log)
{
    public async Task CatchAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested || HasBegun(context.Response))
        {
            // Whoever asked is gone, or has half an answer: a broken connection says it.
            if (!context.RequestAborted.IsCancellationRequested && !IsConnections(e))
            {
                LogBrokeOff(e, context.Request.Path.Value ?? "");
            }

            context.Abort();
        }
        catch (Exception e)
        {
            await context.RefuseAsync(ProblemOf(e));
        }
    }

    /// <summary>What was written and not sent yet can't be taken back either.</summary>
    private static bool HasBegun(HttpResponse response) =>
        response.HasStarted || response.BodyWriter is { CanGetUnflushedBytes: true, UnflushedBytes: > 0 };

    /// <summary>A connection that ended: no business of the log's. What a disk throws is.</summary>
    private static bool IsConnections(Exception e) =>
        e is OperationCanceledException or ConnectionResetException or BadHttpRequestException
        || (e is IOException && e.InnerException is SocketException);

    private Problem ProblemOf(Exception e)
    {
        switch (e)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Problems.Of(ProblemCodes.TooLarge, "the request is too large");
            case BadHttpRequestException bad:
                return Problems.Of(ProblemCodes.BadRequest, bad.Message);
            case PoolUnavailableException { DiskFull: true }:
                return Problems.Of(ProblemCodes.DiskFull, $"the Lighthouse takes nothing on: {e.Message}");
            case PoolStoppingException:
                return Problems.Of(ProblemCodes.NotReady, $"{e.Message}: try again");
            case PoolUnavailableException:
                return Problems.Of(ProblemCodes.NotReady, $"the Lighthouse waits for its journal: {e.Message}");
            case TimeoutException:
                return Problems.Of(ProblemCodes.NotReady, "the Lighthouse did not get to it in time: try again");
            case InvalidDataException damaged:
                LogDamaged(damaged.Message);
                return Problems.Of(ProblemCodes.Internal, damaged.Message);
            default:
                LogUnexpected(e);
                return Problems.Of(ProblemCodes.Internal, $"the Lighthouse failed at this ({e.GetType().Name}), a bug: see its log");
        }
    }

    [LoggerMessage(4001, LogLevel.Error, "A request failed in a way that nobody foresaw: a bug. Please report it.")]
    private partial void LogUnexpected(Exception e);

    [LoggerMessage(4002, LogLevel.Error, "The answer to {Path} broke off. If its message does not say what to do, it is a bug: please report it.")]
    private partial void LogBrokeOff(Exception e, string path);

    [LoggerMessage(4003, LogLevel.Error, "What the pool stores is damaged: {What}.")]
    private partial void LogDamaged(string what);
}
