using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Api;
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
        catch (Exception) when (context.RequestAborted.IsCancellationRequested || context.Response.HasStarted)
        {
            // Whoever asked is gone, or has half an answer: a broken connection says it.
            context.Abort();
        }
        catch (Exception e)
        {
            await context.RefuseAsync(ProblemOf(e));
        }
    }

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
            case PoolUnavailableException:
                return Problems.Of(ProblemCodes.NotReady, $"the Lighthouse takes nothing on just now, try again: {e.Message}");
            case TimeoutException:
                return Problems.Of(ProblemCodes.NotReady, "the Lighthouse did not get to it in time: try again");
            default:
                LogUnexpected(e);
                return Problems.Of(ProblemCodes.Internal, $"the Lighthouse failed at this ({e.GetType().Name}), a bug: see its log");
        }
    }

    [LoggerMessage(4001, LogLevel.Error, "A request failed in a way that nobody foresaw: a bug. Please report it.")]
    private partial void LogUnexpected(Exception e);
}
