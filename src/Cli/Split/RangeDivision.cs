using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Split;

/// <summary>Numbers, a stretch of them to a task.</summary>
internal sealed class RangeDivision : Division
{
    private readonly RangeItems _kind;
    private readonly JobItems _items;

    /// <exception cref="AkcException">The command has no place for the numbers.</exception>
    public RangeDivision(NumberRange range, int chunk, IReadOnlyList<string> command)
    {
        _kind = new RangeItems(range.First, range.Step);
        _items = new JobItems(range.Count, chunk);
        if (!Placeholders.StandIn(command, _kind))
        {
            throw new AkcException("the command has neither {start} nor {end}: each task would do the same work; 'akc array N' is for that", ExitCodes.Usage);
        }
    }

    public override bool IsProgramOfItem(string word) => Placeholders.StandIn([word], _kind);

    public override Task<Parts> SendAsync(PoolClient pool, CancellationToken cancel) => Task.FromResult(Parts.Of(_items, _kind));
}
