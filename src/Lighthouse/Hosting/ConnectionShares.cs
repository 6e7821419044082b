using System.Net;
using AkkaCompute.Lighthouse.Join;
using Microsoft.AspNetCore.Connections;

namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>How many connections each address has open; with more than its share a new one is cut before it costs anything.</summary>
internal sealed class ConnectionShares(int shareMax)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);

    public async Task PassAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = TryLimits.KeyOf((connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (!TryOpen(address))
        {
            connection.Abort(new ConnectionAbortedException("too many connections of one address"));
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Close(address);
        }
    }

    private bool TryOpen(string address)
    {
        lock (_gate)
        {
            var open = _open.GetValueOrDefault(address);
            if (open >= shareMax)
            {
                return false;
            }

            _open[address] = open + 1;
            return true;
        }
    }

    private void Close(string address)
    {
        lock (_gate)
        {
            if (--_open[address] == 0)
            {
                _open.Remove(address);
            }
        }
    }
}
